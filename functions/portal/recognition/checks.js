// Check digits of the numbers on papers.

/** residentID reports whether 18 characters are a number of a resident ID card: its day of birth exists and its check digit is right (GB 11643). */
export function residentID(number) {
	if (!/^\d{17}[\dX]$/.test(number) || !day(number.slice(6, 10), number.slice(10, 12), number.slice(12, 14))) return false;
	let sum = 0;
	for (let i = 0; i < 17; i++) sum += Number(number[i]) * (2 ** (17 - i) % 11);
	return "10X98765432"[sum % 11] === number[17];
}

const CODE = "0123456789ABCDEFGHJKLMNPQRTUWXY"; // of GB 32100: without I, O, S, V and Z

/** socialCredit reports whether 18 characters are a unified social credit code: its check character is right (GB 32100). */
export function socialCredit(code) {
	if (code.length !== 18) return false;
	let sum = 0, weight = 1;
	for (const c of code.slice(0, 17)) {
		const value = CODE.indexOf(c);
		if (value < 0) return false;
		sum += value * weight;
		weight = (weight * 3) % 31;
	}
	return CODE[(31 - (sum % 31)) % 31] === code[17];
}

/** machineReadable reports whether a check digit of a passport's machine-readable zone is right (ICAO 9303-3, 4.9). */
export function machineReadable(text, digit) {
	let sum = 0;
	for (let i = 0; i < text.length; i++) {
		const value = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ".indexOf(text[i]); // -1 for the filler, which counts as 0
		sum += Math.max(value, 0) * [7, 3, 1][i % 3];
	}
	return String(sum % 10) === digit;
}

/** day returns a day as 2026-03-05; "" if there is no such day. */
export function day(year, month, dayOfMonth) {
	const d = new Date(Date.UTC(year, month - 1, dayOfMonth));
	const text = Number.isNaN(d.getTime()) ? "" : d.toISOString().slice(0, 10);
	return text === `${year}-${String(month).padStart(2, "0")}-${String(dayOfMonth).padStart(2, "0")}` ? text : "";
}
