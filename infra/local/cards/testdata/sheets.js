// Draws sheets as applicants sign them, and returns what the judge says of each, by name.
(async (address) => {
	const { judge } = await import(address);
	const sheet = (width, height, margin, table, draw) => {
		const canvas = new OffscreenCanvas(width, height), c = canvas.getContext("2d");
		const w = width - 2 * margin, h = height - 2 * margin;
		c.fillStyle = table;
		c.fillRect(0, 0, width, height);
		c.fillStyle = "#f4f2ec";
		c.fillRect(margin, margin, w, h);
		c.translate(margin, margin);
		c.fillStyle = c.strokeStyle = "#222";
		c.lineWidth = 4;
		draw(c, w, h);
		return createImageBitmap(canvas);
	};
	const write = (c, words, x, y, size) => {
		c.font = `${Math.round(size)}px "Noto Sans CJK SC"`;
		c.fillText(words, x, y);
	};
	const form = (rows, columns) => (c, w, h) => {
		const left = w * 0.1, top = h * 0.12, width = w * 0.8, height = h * 0.78;
		for (let r = 0; r <= rows; r++) c.strokeRect(left, top, width, (height * r) / rows);
		for (let k = 0; k <= columns; k++) c.strokeRect(left, top, (width * k) / columns, height);
		for (let r = 0; r < rows; r++) for (let k = 0; k < columns; k++) write(c, ["单位名称", "网站域名", "负责人签字"][(r + k) % 3], left + (width * k) / columns + 20, top + (height * (r + 0.6)) / rows, w / 38);
	};
	const letter = (c, w, h) => {
		for (let i = 0; i < 16; i++) write(c, "本单位承诺所提交的备案信息真实准确完整并对此负责示例文字", w * 0.1, h * (0.12 + 0.05 * i), w / 34);
	};
	const note = (c, w, h) => {
		write(c, "授权书", w * 0.42, h * 0.12, w / 24);
		write(c, "兹授权示例人办理网站备案。", w * 0.1, h * 0.25, w / 24);
	};
	const said = {};
	for (const [place, ...size] of [["table", 1500, 2100, 120, "#6b4e36"], ["scanner", 1500, 2100, 0, "#fff"], ["white table", 1500, 2100, 120, "#e8e6e0"]]) {
		for (const [name, draw] of [["form 15x2", form(15, 2)], ["form 6x6", form(6, 6)], ["letter", letter], ["note", note]]) {
			said[`${name} on a ${place}`] = judge(await sheet(...size, draw), "paper").map((f) => f.fault).join();
		}
	}
	return JSON.stringify(said);
})
