// Text from the reader's probabilities of characters (CTC).

const BLANK = 0;
const FOREIGN = 0.6; // probability from which a character outside the alphabet separates those inside it

/** alphabet returns the characters of the dictionary in the order of the reader's classes: blank, the lines, space. Wide letters and digits count as plain ones. */
export function alphabet(dictionary) {
	const plain = (c) => (/^[０-９Ａ-Ｚａ-ｚ]$/.test(c) ? c.normalize("NFKC") : c);
	return ["", ...dictionary.replace(/\r/g, "").replace(/\n$/, "").split("\n").map(plain), " "];
}

/** classesOf returns the classes of some characters. */
export function classesOf(characters, all) {
	const wanted = new Set(characters);
	return all.flatMap((c, i) => (wanted.has(c) ? [i] : []));
}

/** decode returns the likeliest text, and as confidence the probability of its unlikeliest character. Steps is the number of columns, each with a probability for each class. */
export function decode(probabilities, steps, all) {
	return collapse(steps, (t) => best(probabilities, t, all.length), all);
}

/** decodeOnly is like decode, with some classes alone. Where another character is far likelier, the text has a space. */
export function decodeOnly(probabilities, steps, all, classes) {
	return collapse(steps, (t) => {
		const any = best(probabilities, t, all.length);
		if (any.class === BLANK || classes.includes(any.class)) return any;
		if (any.p > FOREIGN) return { class: all.length - 1, p: any.p };
		let chosen = { class: BLANK, p: probabilities[t * all.length] };
		for (const c of classes) {
			const p = probabilities[t * all.length + c];
			if (p > chosen.p) chosen = { class: c, p };
		}
		return chosen;
	}, all);
}

function best(probabilities, t, size) {
	let chosen = 0, p = probabilities[t * size];
	for (let c = 1, at = t * size + 1; c < size; c++, at++) {
		if (probabilities[at] > p) {
			p = probabilities[at];
			chosen = c;
		}
	}
	return { class: chosen, p };
}

function collapse(steps, at, all) {
	let text = "", last = BLANK;
	const likely = []; // for each character, the largest probability in its columns
	for (let t = 0; t < steps; t++) {
		const one = at(t);
		if (one.class !== BLANK && all[one.class] !== all[last]) {
			text += all[one.class];
			likely.push(0);
		}
		if (one.class !== BLANK) likely[likely.length - 1] = Math.max(likely[likely.length - 1], one.p);
		last = one.class;
	}
	return { text, confidence: likely.length ? Math.min(...likely) : 0 };
}
