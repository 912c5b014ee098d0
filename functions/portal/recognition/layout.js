// Finds values by their labels in the lines of a paper.

/** straighten turns boxes so that their text is level, and returns them as lines with left, right, y and height. */
export function straighten(boxes) {
	const wide = boxes.filter((b) => b.width > 3 * b.height).map((b) => b.angle).sort((a, b) => a - b);
	const skew = wide.length ? wide[wide.length >> 1] : 0;
	const cos = Math.cos(-skew), sin = Math.sin(-skew);
	return boxes.map((b) => {
		const x = b.x * cos - b.y * sin, y = b.x * sin + b.y * cos;
		return { ...b, left: x - b.width / 2, right: x + b.width / 2, y, text: b.text.trim() };
	});
}

/** rows groups lines that stand beside each other, from the top, each from the left. Boxes are larger than their text, so neighbours overlap a little. */
export function rows(lines) {
	const beside = (a, b) => {
		const overlap = Math.min(a.right, b.right) - Math.max(a.left, b.left);
		return Math.abs(a.y - b.y) < 0.5 * Math.min(a.height, b.height) && overlap < Math.min(a.height, b.height, (a.right - a.left) / 2, (b.right - b.left) / 2);
	};
	const out = [];
	for (const line of [...lines].sort((a, b) => a.y - b.y)) {
		const row = out.find((r) => r.some((o) => beside(o, line)));
		if (row) row.push(line);
		else out.push([line]);
	}
	for (const row of out) row.sort((a, b) => a.left + a.right - b.left - b.right);
	return out;
}

/**
 * valueOf returns the value beside a label, and confidence; null if the paper has no such label. Labels are all labels of the paper: a value ends at the
 * next. With more, the value goes on in the lines below.
 */
export function valueOf(lines, label, labels, more = false) {
	const next = new RegExp(labels.map((l) => l.source).join("|"));
	for (const row of rows(lines)) {
		const whole = row.map((l) => l.text).join("\u0001");
		const match = label.exec(whole);
		if (!match) continue;
		let rest = whole.slice(match.index + match[0].length);
		const stop = next.exec(rest);
		let bound = Infinity;
		if (stop) {
			bound = at(row, match.index + match[0].length + stop.index).left;
			rest = rest.slice(0, stop.index);
		}
		const begin = match.index + match[0].length + (/^[\u0001\s:：]*/.exec(rest)[0].length);
		const parts = rest.replace(/^[\u0001\s:：]+/, "").split("\u0001").filter((t) => t !== "");
		if (!parts.length) continue;
		const first = at(row, begin);
		const used = row.filter((l) => parts.includes(l.text) || l === first.line);
		let confidence = Math.min(...used.map((l) => l.confidence));
		// The detector may cut a value after its first characters. The second box then shows part of them again, and may repeat them.
		const second = row[row.indexOf(first.line) + 1];
		if (second && parts[1] === second.text && first.line.right - second.left > second.height / 2 && parts[0].length < 3 && parts[1].startsWith(parts[0])) {
			parts.shift();
			confidence = 0;
		}
		if (more) {
			let last = first.line;
			const labelled = at(row, match.index).left; // where the labels of the column begin
			const below = lines.filter((l) => !row.includes(l) && l.y > last.y + last.height * 0.4 && l.left > first.left - 1.5 * last.height && l.left < Math.min(bound, first.left + 2.5 * last.height))
				.sort((a, b) => a.y - b.y);
			for (const l of below) {
				if (lines.some((o) => o !== l && Math.abs(o.y - l.y) < 0.6 * l.height && o.left > labelled - 1.5 * l.height && o.left < first.left - l.height)) break;
				if (l.y - last.y > 2 * Math.max(l.height, last.height) || l.height < 0.6 * last.height || l.height > 1.6 * last.height || next.exec(l.text)?.index === 0) break;
				parts.push(l.text);
				confidence = Math.min(confidence, l.confidence);
				last = l;
			}
		}
		return { text: parts.join("").trim(), confidence };
	}
	return null;
}

/** at returns the line of a row's text at a position, and about where on the picture the position is. */
function at(row, position) {
	let before = 0;
	for (const line of row) {
		if (position <= before + line.text.length - 1 || line === row[row.length - 1]) {
			const share = Math.max(0, position - before) / Math.max(1, line.text.length);
			return { line, left: line.left + share * (line.right - line.left) };
		}
		before += line.text.length + 1;
	}
	return null;
}
