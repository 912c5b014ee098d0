// Draws a paper as a phone would photograph it. The value of the script is a function of the picture's description; it returns a JPEG.
(async ({ paper, values, photo }) => {
	const sans = '"Noto Sans CJK SC"', serif = '"Noto Serif CJK SC"';
	const [width, height] = { "business-licence": [1400, 990], passport: [1250, 880] }[paper] ?? [1000, 630];
	const card = new OffscreenCanvas(width, height);
	const c = card.getContext("2d");
	const random = (() => { let s = photo.seed; return () => (s = (s * 48271) % 2147483647) / 2147483647; })();
	const text = (words, x, y, size, { font = sans, colour = "#1d1d22", weight = "400", spacing = 0 } = {}) => {
		c.font = `${weight} ${size}px ${font}`;
		c.fillStyle = colour;
		c.letterSpacing = spacing + "px";
		c.fillText(words, x, y);
	};
	const wrap = (words, x, y, size, count, pitch) => {
		const letters = [...words];
		for (let n = 0; letters.length; n++) text(letters.splice(0, count).join(""), x, y + n * pitch, size);
	};
	const waves = (from, to, line) => {
		const g = c.createLinearGradient(0, 0, width, height);
		g.addColorStop(0, from);
		g.addColorStop(1, to);
		c.fillStyle = g;
		c.fillRect(0, 0, width, height);
		c.strokeStyle = line;
		for (let i = 0; i < 60; i++) {
			c.beginPath();
			for (let x = 0; x <= width; x += 20) c.lineTo(x, (i * height) / 50 + 14 * Math.sin(x / 70 + i / 3));
			c.stroke();
		}
	};
	const label = "#3f78b0";
	const draw = {
		"resident-id-front"() {
			waves("#e6eef5", "#dbe9e4", "rgba(120,160,190,.18)");
			for (const [words, y] of [["姓 名", 95], ["性 别", 172], ["出 生", 247], ["住 址", 322]]) text(words, 55, y, 29, { colour: label });
			text(values.name, 160, 97, 37);
			text(values.sex, 160, 173, 33);
			text("民 族", 280, 172, 29, { colour: label });
			text(values.ethnicity, 385, 173, 33);
			const [y, m, d] = values.birth;
			text(y, 160, 248, 33);
			text("年", 255, 247, 29, { colour: label });
			text(m, 305, 248, 33);
			text("月", 355, 247, 29, { colour: label });
			text(d, 405, 248, 33);
			text("日", 455, 247, 29, { colour: label });
			wrap(values.address, 160, 323, 33, 12, 46);
			text("公民身份号码", 55, 560, 30, { colour: label });
			text(values.number, 345, 562, 42, { font: '"DejaVu Sans Mono", monospace', spacing: 3, weight: "500" });
			c.fillStyle = "#c9d3da";
			c.fillRect(660, 80, 280, 370);
			c.fillStyle = "#8b98a3";
			c.beginPath();
			c.arc(800, 210, 75, 0, 7);
			c.fill();
			c.fillRect(700, 300, 200, 150);
		},
		"resident-id-back"() {
			waves("#e8eef2", "#e9e4de", "rgba(170,140,150,.18)");
			c.fillStyle = "#b5443c";
			c.beginPath();
			c.arc(170, 160, 90, 0, 7);
			c.fill();
			text("中华人民共和国", 330, 150, 62, { weight: "700" });
			text("居 民 身 份 证", 330, 260, 72, { weight: "700" });
			text("签发机关", 250, 470, 31, { weight: "700" });
			text(values.authority, 420, 470, 32);
			text("有效期限", 250, 550, 31, { weight: "700" });
			text(values.term, 420, 550, 32);
		},
		"business-licence"() {
			waves("#fbfaf4", "#f3f5ec", "rgba(150,150,110,.10)");
			c.strokeStyle = "#b08d3c";
			c.lineWidth = 8;
			c.strokeRect(30, 30, width - 60, height - 60);
			c.lineWidth = 1;
			text("营 业 执 照", 500, 215, 74, { font: serif, weight: "900" });
			text("统一社会信用代码", 110, 190, 24);
			text(values.number, 100, 228, 28, { weight: "700" });
			text("（副  本）", 630, 262, 26);
			const row = (words, x, y, value, count) => {
				text(words, x, y, 27, { font: serif, weight: "700" });
				wrap(value, x + 165, y, 26, count, 38);
			};
			row("名        称", 105, 345, values.name, 19);
			row("类        型", 105, 420, values.type, 19);
			row(values.leaderLabel, 105, 495, values.leader, 19);
			row("经 营 范 围", 105, 570, values.scope, 19);
			row("注 册 资 本", 790, 345, values.capital, 16);
			row("成 立 日 期", 790, 420, values.established, 16);
			if (values.term) row("营 业 期 限", 790, 495, values.term, 16);
			row("住        所", 790, values.term ? 570 : 495, values.address, 14);
			text("登 记 机 关", 860, 800, 30, { font: serif, weight: "700" });
			text(values.issued, 1000, 880, 28, { spacing: 8 });
			c.strokeStyle = "rgba(200,40,40,.65)";
			c.lineWidth = 6;
			c.beginPath();
			c.arc(1130, 800, 95, 0, 7);
			c.stroke();
		},
		passport() {
			waves("#eef1f3", "#f0e8ea", "rgba(140,120,160,.14)");
			c.fillStyle = "#cfd6dc";
			c.fillRect(60, 130, 330, 430);
			text("护照 / PASSPORT", 60, 90, 30, { weight: "700" });
			const at = (words, value, x, y) => { text(words, x, y, 17, { colour: "#555" }); text(value, x, y + 36, 29); };
			at("类型/Type", "P", 430, 120);
			at("国家码/Country Code", values.country, 570, 120);
			at("护照号/Passport No.", values.number, 850, 120);
			at("姓名/Name", values.visible, 430, 205);
			at("性别/Sex", values.sex, 430, 290);
			at("国籍/Nationality", values.nationality, 570, 290);
			at("出生日期/Date of birth", values.birth, 850, 290);
			at("签发日期/Date of issue", values.issued, 430, 375);
			at("有效期至/Date of expiry", values.expires, 850, 375);
			c.fillStyle = "#f7f7f5";
			c.fillRect(0, 690, width, 190);
			for (const [i, line] of values.zone.entries()) text(line, 50, 755 + i * 70, 39, { font: '"DejaVu Sans Mono", monospace', spacing: 2.6 });
		},
	};
	await document.fonts.ready;
	draw[paper]();

	// The table, the card on it in perspective of a small angle, light and shadow.
	const fitting = photo.width / (width * 1.22), scale = fitting * (photo.zoom || 1);
	const out = new OffscreenCanvas(photo.width, Math.round(height * 1.3 * fitting));
	const o = out.getContext("2d");
	o.imageSmoothingQuality = "high";
	o.fillStyle = photo.table;
	o.fillRect(0, 0, out.width, out.height);
	for (let i = 0; i < 400; i++) {
		o.fillStyle = `rgba(0,0,0,${random() * 0.05})`;
		o.fillRect(random() * out.width, random() * out.height, random() * 200, 2);
	}
	for (let y = 0; photo.grain && y < out.height; y += 9) { // of wood
		o.fillStyle = `rgba(${random() < 0.5 ? "0,0,0" : "255,255,255"},${random() * photo.grain})`;
		o.fillRect(0, y, out.width, 3 + random() * 12);
	}
	o.filter = photo.blur ? `blur(${photo.blur}px)` : "none";
	o.translate(out.width * (0.5 + (photo.across || 0)), out.height * (0.5 + (photo.down || 0)));
	o.rotate((photo.degrees * Math.PI) / 180);
	o.transform(1, photo.skew / 3, photo.skew, 1, 0, 0);
	o.drawImage(card, (-width * scale) / 2, (-height * scale) / 2, width * scale, height * scale);
	o.resetTransform();
	o.filter = "none";
	if (photo.glare) {
		const spread = photo.core ? 0.3 : 0.6; // a core is on the card
		const x = out.width * (0.5 + spread * (random() - 0.5)), y = out.height * (0.5 + spread * (random() - 0.5)), r = out.width * 0.16;
		const g = o.createRadialGradient(x, y, 0, x, y, r);
		g.addColorStop(photo.core || 0, `rgba(255,255,255,${photo.glare})`);
		g.addColorStop(1, "rgba(255,255,255,0)");
		o.fillStyle = g;
		o.fillRect(0, 0, out.width, out.height);
	}
	if (photo.shadow) {
		const edge = out.width * (0.3 + 0.4 * random());
		const g = o.createLinearGradient(edge - 60, 0, edge + 60, out.height * 0.2);
		g.addColorStop(0, `rgba(0,0,0,${photo.shadow})`);
		g.addColorStop(1, "rgba(0,0,0,0)");
		o.fillStyle = g;
		o.fillRect(0, 0, out.width, out.height);
	}
	if (photo.noise) {
		const pixels = o.getImageData(0, 0, out.width, out.height);
		for (let i = 0; i < pixels.data.length; i += 4) {
			const n = (random() - 0.5) * photo.noise;
			for (let k = 0; k < 3; k++) pixels.data[i + k] += n;
		}
		o.putImageData(pixels, 0, 0);
	}
	let final = out;
	if (photo.quarters) {
		final = photo.quarters % 2 ? new OffscreenCanvas(out.height, out.width) : new OffscreenCanvas(out.width, out.height);
		const f = final.getContext("2d");
		f.translate(final.width / 2, final.height / 2);
		f.rotate((photo.quarters * Math.PI) / 2);
		f.drawImage(out, -out.width / 2, -out.height / 2);
	}
	return final.convertToBlob({ type: "image/jpeg", quality: photo.quality });
})
