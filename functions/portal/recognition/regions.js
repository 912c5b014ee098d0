// Regions of text from the detector's map of probabilities.

const THRESHOLD = 0.3; // of a pixel that belongs to text
const SCORE = 0.5; // mean of a region that counts
const SMALLEST = 3; // pixels of the map
const GROWTH = 1.6; // the detector draws regions smaller than the text

/**
 * regions returns the rectangles around connected pixels of text: centre x and y, width along the text, height, and angle in radians within ±45°, in
 * pixels of the map.
 */
export function regions(map, width, height) {
	const seen = new Uint8Array(width * height);
	const stack = new Int32Array(width * height);
	const found = [];
	for (let start = 0; start < map.length; start++) {
		if (seen[start] || map[start] <= THRESHOLD) continue;
		const rows = new Map(); // y → [smallest x, largest x]
		let depth = 0, sum = 0, count = 0;
		seen[start] = 1;
		stack[depth++] = start;
		while (depth > 0) {
			const at = stack[--depth];
			const x = at % width, y = (at - x) / width;
			sum += map[at];
			count++;
			const row = rows.get(y);
			if (!row) rows.set(y, [x, x]);
			else if (x < row[0]) row[0] = x;
			else if (x > row[1]) row[1] = x;
			for (let dy = -1; dy <= 1; dy++) {
				for (let dx = -1; dx <= 1; dx++) {
					const nx = x + dx, ny = y + dy;
					if (nx < 0 || ny < 0 || nx >= width || ny >= height) continue;
					const next = ny * width + nx;
					if (!seen[next] && map[next] > THRESHOLD) {
						seen[next] = 1;
						stack[depth++] = next;
					}
				}
			}
		}
		if (sum / count < SCORE) continue;
		const box = smallestRectangle(hull(rows));
		if (Math.min(box.width, box.height) < SMALLEST) continue;
		const grow = (box.width * box.height * GROWTH) / (2 * (box.width + box.height));
		box.width += 2 * grow;
		box.height += 2 * grow;
		found.push(box);
	}
	return found;
}

/** hull returns the corners of the convex hull of pixels, given the ends of their rows. */
function hull(rows) {
	const points = [];
	for (const [y, [left, right]] of [...rows].sort((a, b) => a[0] - b[0])) {
		points.push([left, y], [right + 1, y], [left, y + 1], [right + 1, y + 1]);
	}
	points.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
	const turn = (o, a, b) => (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0]);
	const half = (list) => {
		const out = [];
		for (const p of list) {
			while (out.length >= 2 && turn(out[out.length - 2], out[out.length - 1], p) <= 0) out.pop();
			out.push(p);
		}
		out.pop();
		return out;
	};
	return [...half(points), ...half(points.reverse())];
}

/** smallestRectangle returns the rectangle of least area around a convex polygon. One of its sides lies on a side of the polygon. */
function smallestRectangle(corners) {
	let best = null;
	for (let i = 0; i < corners.length; i++) {
		const [a, b] = [corners[i], corners[(i + 1) % corners.length]];
		const angle = Math.atan2(b[1] - a[1], b[0] - a[0]);
		const cos = Math.cos(angle), sin = Math.sin(angle);
		let left = Infinity, right = -Infinity, top = Infinity, bottom = -Infinity;
		for (const [x, y] of corners) {
			const u = x * cos + y * sin, v = y * cos - x * sin;
			left = Math.min(left, u);
			right = Math.max(right, u);
			top = Math.min(top, v);
			bottom = Math.max(bottom, v);
		}
		const area = (right - left) * (bottom - top);
		if (best && area >= best.area) continue;
		const u = (left + right) / 2, v = (top + bottom) / 2;
		best = { area, angle, x: u * cos - v * sin, y: u * sin + v * cos, width: right - left, height: bottom - top };
	}
	while (best.angle > Math.PI / 4) turnQuarter(best, -1);
	while (best.angle <= -Math.PI / 4) turnQuarter(best, 1);
	return best;
}

function turnQuarter(box, direction) {
	box.angle += (direction * Math.PI) / 2;
	[box.width, box.height] = [box.height, box.width];
}
