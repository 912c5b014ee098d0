// Judges a photo of a paper before it is sent. What it finds is advice: it cannot be sure, and the server decides what is refused.
//
// The limits are relative to the paper itself, because papers and lights differ. Package cards measures them on generated photographs.

const MAP = 320; // pixels of the long side of the map on which the paper is found
const CLOSE = 1000; // pixels of the long side of the paper for the measures of its text
const LEGIBLE = 800; // pixels of the long side of the paper: the size that bureaus asked for until 2019 (FACE-2010)
const STEPS = [8, 4]; // differences of neighbouring pixels of one surface, of 255: the second where paper and table are alike
const INK = 24; // difference of neighbouring pixels where ink begins
const RANGE = 90; // difference within one surface, in light and shadow
const SOFT = 4; // pixels of the paper's edges of ink from which it is blurred
const WHITE = 249; // brightness from which a pixel is saturated; noise makes it a little darker
const SHINE = 0.008; // share of the paper in one saturated spot
const TOUCH = 0.08; // share of a side of the photo that paper cut off by it covers at least
const FAR = 0.2; // share of the photo that the paper covers at least

/**
 * judge returns what is wrong with a photo, the worst first: "cut" with the sides of the photo that cut the paper off, "sideways", "blurred", "glare", "small" and
 * "far". Kind is "card" for a paper that is wider than high, "paper" for another, and "picture" for what has no edges, such as a portrait.
 */
export function judge(photo, kind) {
	const found = [];
	const map = pixels(photo, 0, 0, photo.width, photo.height, MAP);
	const paper = kind === "picture" ? null : findPaper(map);
	const sides = kind === "picture" ? [] : paper ? paper.touches : inkAtSides(map);
	if (sides.length) found.push({ fault: "cut", sides });
	const scale = photo.width / map.width;
	const box = paper ?? { left: 0, top: 0, right: map.width, bottom: map.height };
	const width = (box.right - box.left) * scale, height = (box.bottom - box.top) * scale;
	const close = pixels(photo, box.left * scale, box.top * scale, width, height, CLOSE);
	const grey = greyOf(close);
	if (kind !== "picture" && turned(close, grey, kind)) found.push({ fault: "sideways" });
	if (softness(grey, close.width, close.height) > SOFT) found.push({ fault: "blurred" });
	if (glare(map, box) > SHINE) found.push({ fault: "glare" });
	if (Math.max(width, height) < LEGIBLE) found.push({ fault: Math.max(photo.width, photo.height) < LEGIBLE || !paper ? "small" : "far" });
	else if (paper && paper.share < FAR) found.push({ fault: "far" });
	return found;
}

/** pixels returns a part of a picture, reduced to a long side. */
function pixels(picture, left, top, width, height, long) {
	const scale = Math.min(1, long / Math.max(width, height));
	const canvas = document.createElement("canvas");
	canvas.width = Math.max(1, Math.round(width * scale));
	canvas.height = Math.max(1, Math.round(height * scale));
	const context = canvas.getContext("2d", { willReadFrequently: true });
	context.imageSmoothingQuality = "high";
	context.fillStyle = "#fff";
	context.fillRect(0, 0, canvas.width, canvas.height);
	context.drawImage(picture, left, top, width, height, 0, 0, canvas.width, canvas.height);
	return context.getImageData(0, 0, canvas.width, canvas.height);
}

function greyOf({ data, width, height }) {
	const grey = new Uint8Array(width * height);
	for (let i = 0; i < grey.length; i++) grey[i] = (data[4 * i] * 77 + data[4 * i + 1] * 150 + data[4 * i + 2] * 29) >> 8;
	return grey;
}

/** difference returns the largest difference of a channel between two colours. */
function difference(a, i, b, j) {
	return Math.max(Math.abs(a[i] - b[j]), Math.abs(a[i + 1] - b[j + 1]), Math.abs(a[i + 2] - b[j + 2]));
}

/**
 * findPaper returns the paper's box on the map, its share of the map and the sides of the photo that cut it off. The table is what reaches the corners; the paper is the
 * largest area without it. It is null if the paper fills the photo, or cannot be told from the table.
 */
function findPaper({ data, width, height }) {
	const size = Math.max(4, Math.round(MAP / 40));
	const corners = [[0, 0], [width - size, 0], [0, height - size], [width - size, height - size]].map(([x, y]) => ({ x, y, colour: mean(data, width, x, y, size) }));
	const like = (a) => corners.filter((b) => difference(a.colour, 0, b.colour, 0) < RANGE / 2);
	const table = corners.map(like).sort((a, b) => b.length - a.length)[0];
	if (table.length < 3) return null;
	let area = null;
	for (const step of STEPS) if ((area = largest(grow(data, width, height, table, size, step), width, height)) && isSheet(area, data, width, height)) break;
	if (!area || !isSheet(area, data, width, height)) return null;
	const colour = typical(data, area.pixels);
	const isPaper = (x, y) => area.of[y * width + x] && difference(data, 4 * (y * width + x), colour, 0) < RANGE / 2;
	const side = (name, length, at) => {
		let run = 0, longest = 0;
		for (let i = 0; i < length; i++) longest = Math.max(longest, (run = isPaper(...at(i)) ? run + 1 : 0));
		return longest > TOUCH * length ? [name] : [];
	};
	const touches = [
		...side("left", height, (i) => [1, i]), ...side("right", height, (i) => [width - 2, i]),
		...side("top", width, (i) => [i, 1]), ...side("bottom", width, (i) => [i, height - 2]),
	];
	return { left: area.left, top: area.top, right: area.right, bottom: area.bottom, share: area.count / (width * height), touches };
}

/** isSheet reports whether an area is large and solid enough for a paper, and holds most of the ink. */
function isSheet(area, data, width, height) {
	return area.count > 0.03 * width * height && area.count > 0.55 * (area.right - area.left) * (area.bottom - area.top) && holdsInk(data, width, height, area);
}

function mean(data, width, left, top, size) {
	const sum = [0, 0, 0];
	for (let y = top; y < top + size; y++) for (let x = left; x < left + size; x++) for (let c = 0; c < 3; c++) sum[c] += data[4 * (y * width + x) + c];
	return sum.map((s) => s / (size * size));
}

/** grow returns the pixels that one can reach from the corners without a step in colour. */
function grow(data, width, height, corners, size, step) {
	const on = new Uint8Array(width * height), stack = [];
	for (const { x, y } of corners) for (let dy = 0; dy < size; dy++) for (let dx = 0; dx < size; dx++) stack.push((y + dy) * width + x + dx);
	for (const i of stack) on[i] = 1;
	const seeds = corners.map((c) => c.colour);
	while (stack.length) {
		const at = stack.pop(), x = at % width;
		for (const next of [x > 0 && at - 1, x < width - 1 && at + 1, at - width, at + width]) {
			if (next === false || next < 0 || next >= on.length || on[next]) continue;
			if (difference(data, 4 * at, data, 4 * next) > step || !seeds.some((c) => difference(data, 4 * next, c, 0) < RANGE)) continue;
			on[next] = 1;
			stack.push(next);
		}
	}
	return on;
}

/** largest returns the largest connected area outside a mask. */
function largest(mask, width, height) {
	const label = new Int32Array(width * height);
	let best = null, id = 0;
	for (let start = 0; start < mask.length; start++) {
		if (mask[start] || label[start]) continue;
		const stack = [start], pixels = [];
		label[start] = ++id;
		while (stack.length) {
			const at = stack.pop(), x = at % width;
			pixels.push(at);
			for (const next of [x > 0 && at - 1, x < width - 1 && at + 1, at - width, at + width]) {
				if (next === false || next < 0 || next >= mask.length || mask[next] || label[next]) continue;
				label[next] = id;
				stack.push(next);
			}
		}
		if (!best || pixels.length > best.pixels.length) best = { id, pixels };
	}
	if (!best) return null;
	const box = { left: width, right: 0, top: height, bottom: 0, count: best.pixels.length, pixels: best.pixels, of: label.map((l) => (l === best.id ? 1 : 0)) };
	// Single lines of dirt on the table that reach the paper do not enlarge it: a row or column counts if a part of it is paper.
	const columns = new Int32Array(width), rows = new Int32Array(height);
	for (const at of best.pixels) { columns[at % width]++; rows[Math.floor(at / width)]++; }
	const most = (list) => list.reduce((a, b) => Math.max(a, b), 0);
	const ends = (list) => {
		const least = 0.1 * most(list);
		return [list.findIndex((n) => n > least), list.length - [...list].reverse().findIndex((n) => n > least)];
	};
	[box.left, box.right] = ends(columns);
	[box.top, box.bottom] = ends(rows);
	return box;
}

/** holdsInk reports whether most steps in brightness are within an area, as on a paper with text. Elsewhere, the area may be a portrait on a paper that fills the photo. */
function holdsInk(data, width, height, area) {
	let inside = 0, outside = 0;
	for (let y = 1; y < height - 1; y++) {
		for (let x = 1; x < width - 1; x++) {
			const i = 4 * (y * width + x);
			if (difference(data, i, data, i + 4) < INK / 2) continue;
			if (x >= area.left - 2 && x <= area.right + 2 && y >= area.top - 2 && y <= area.bottom + 2) inside++;
			else outside++;
		}
	}
	return inside > 2 * outside;
}

/** typical returns the median of each channel. */
function typical(data, pixels) {
	return [0, 1, 2].map((c) => pixels.map((at) => data[4 * at + c]).sort((a, b) => a - b)[pixels.length >> 1]);
}

/** inkAtSides returns the sides at which a photo that is filled by a paper cuts through text: as many steps in brightness as within. */
function inkAtSides({ data, width, height }) {
	const step = (x, y) => (difference(data, 4 * (y * width + x), data, 4 * (y * width + x + 1)) > INK ? 1 : 0);
	const strip = 4;
	let all = 0;
	for (let y = 0; y < height; y++) for (let x = 0; x < width - 1; x++) all += step(x, y);
	const usual = all / (width * height);
	const share = (left, top, right, bottom) => {
		let n = 0;
		for (let y = top; y < bottom; y++) for (let x = left; x < right - 1; x++) n += step(x, y);
		return n / ((right - left) * (bottom - top));
	};
	if (usual < 0.01) return [];
	const sides = { left: share(0, 0, strip, height), right: share(width - strip, 0, width, height), top: share(0, 0, width, strip), bottom: share(0, height - strip, width, height) };
	return Object.keys(sides).filter((name) => sides[name] > 0.6 * usual);
}

/** softness returns how many pixels the edges of the ink take, in the direction in which they take more. */
function softness(grey, width, height) {
	return Math.max(edges(grey, width, height, 1, width), edges(grey, height, width, width, 1));
}

/** edges returns the median width of the strongest edges along one direction: the difference within a window, by its largest step. */
function edges(grey, length, lines, along, across) {
	const half = 6, strong = [];
	for (let line = 2; line < lines - 2; line += 3) {
		for (let i = half; i < length - half; i += half) {
			let low = 255, high = 0, steepest = 0, before = -1;
			for (let k = i - half; k <= i + half; k++) {
				const at = line * across + k * along;
				const value = (grey[at - across] + 2 * grey[at] + grey[at + across]) / 4; // across the edge, so that noise is no edge
				low = Math.min(low, value);
				high = Math.max(high, value);
				if (before >= 0) steepest = Math.max(steepest, Math.abs(value - before));
				before = value;
			}
			strong.push({ range: high - low, width: (high - low) / Math.max(1, steepest) });
		}
	}
	if (!strong.length) return 0;
	strong.sort((a, b) => b.range - a.range);
	if (strong[0].range < 24) return 0; // no ink
	const top = strong.slice(0, Math.max(20, Math.round(strong.length / 25))).map((s) => s.width).sort((a, b) => a - b);
	return top[top.length >> 1];
}

/** glare returns the share of the paper in the largest saturated spot. A paper that is white all over has none. */
function glare({ data, width }, { left, top, right, bottom }) {
	const least = [], w = right - left, h = bottom - top;
	for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) { const i = 4 * (y * width + x); least.push(Math.min(data[i], data[i + 1], data[i + 2])); }
	if ([...least].sort((a, b) => a - b)[least.length >> 1] > WHITE - 5) return 0;
	const spot = largest(least.map((v) => (v >= WHITE ? 0 : 1)), w, h);
	return spot ? spot.count / least.length : 0;
}

/** turned reports whether the lines of text run from top to bottom, or a card stands on its side. */
function turned({ width, height }, grey, kind) {
	if (kind === "card") return height > 1.15 * width;
	const tiles = 5;
	let level = 0, upright = 0;
	for (let ty = 0; ty < tiles; ty++) {
		for (let tx = 0; tx < tiles; tx++) {
			const x0 = Math.floor((tx * width) / tiles), x1 = Math.floor(((tx + 1) * width) / tiles) - 1, y0 = Math.floor((ty * height) / tiles), y1 = Math.floor(((ty + 1) * height) / tiles) - 1;
			const rows = new Float64Array(Math.max(0, y1 - y0)), columns = new Float64Array(Math.max(0, x1 - x0));
			for (let y = y0; y < y1; y++) {
				for (let x = x0; x < x1; x++) {
					const at = y * width + x;
					const ink = Math.abs(grey[at] - grey[at + 1]) + Math.abs(grey[at] - grey[at + width]);
					if (ink < 40) continue;
					rows[y - y0]++;
					columns[x - x0]++;
				}
			}
			level += variance(rows, x1 - x0);
			upright += variance(columns, y1 - y0);
		}
	}
	return upright > 1.8 * level && upright > 0.01;
}

/** variance returns the variance of shares: counts of a number of pixels each. */
function variance(counts, of) {
	let sum = 0, squares = 0;
	for (const n of counts) { sum += n / of; squares += (n / of) ** 2; }
	return counts.length ? squares / counts.length - (sum / counts.length) ** 2 : 0;
}
