// What the lines of each kind of paper say. Only what a filing asks for is read: not sex, ethnicity or address of birth.
import { day, machineReadable, residentID, socialCredit } from "./checks.js";
import { rows, straighten, valueOf } from "./layout.js";

/**
 * fieldsOf returns the fields of a paper: name, text, confidence from 0 to 1, and check: "passed", "failed", or "" where the paper has none for it.
 * Boxes have text, confidence, their place, and digits, code and zone: the text in the alphabets of these.
 */
export function fieldsOf(paper, boxes) {
	const lines = straighten(boxes).filter((l) => l.text !== "");
	return papers[paper](lines).filter((f) => f && f.text !== "");
}

/** required are the fields without which a paper was not recognised. */
export const required = {
	"resident-id-front": ["number", "name"], "resident-id-back": ["valid-from", "valid-to"], "business-licence": ["number", "name"], passport: ["number"],
};

const papers = { "resident-id-front": residentFront, "resident-id-back": residentBack, "business-licence": licence, passport };

/** spaced returns a label whose characters stand apart. Between them, the reader may see a dash or a line of the background as a character. */
const spaced = (label, after = "") => new RegExp([...label].join("[\\u0001\\s一—-]*") + after);

const cardLabels = [spaced("姓名"), spaced("性别"), spaced("民族"), spaced("出生"), spaced("住址"), /公民身份/, /身份号码/];

function residentFront(lines) {
	const number = numberOf(lines, "digits", /\d{17}[\dX]/, residentID);
	const name = valueOf(lines, cardLabels[0], cardLabels);
	const address = valueOf(lines, cardLabels[4], cardLabels, true);
	return [
		name && person("name", name),
		number && { name: "number", ...number },
		address && { name: "address", text: addressText(address.text), confidence: address.confidence, check: "" },
	];
}

function residentBack(lines) {
	for (const row of rows(lines)) {
		const text = row.map((l) => l.text).join("");
		const span = /(\d{4})\D?(\d\d)\D?(\d\d)\D{1,3}(?:(\d{4})\D?(\d\d)\D?(\d\d)|(长期))/.exec(text);
		if (!span) continue;
		const from = day(span[1], span[2], span[3]), to = span[7] ? "长期" : day(span[4], span[5], span[6]);
		// Cards are valid for 5, 10 or 20 years to the day, or without end (Resident Identity Card Law, article 5).
		const years = span[7] ? 0 : Number(span[4]) - Number(span[1]);
		const good = from !== "" && to !== "" && (span[7] !== undefined || ([5, 10, 20].includes(years) && from.slice(5) === to.slice(5)));
		const rest = { confidence: Math.min(...row.map((l) => l.confidence)), check: good ? "passed" : "failed" };
		return [{ name: "valid-from", text: from, ...rest }, { name: "valid-to", text: to, ...rest }];
	}
	return [];
}

const licenceLabels = [
	/统一社会\u0001?信用代码/, spaced("名称"), spaced("类型"), either(/法定代表人|执行事务合伙人/, spaced("负责人"), spaced("经营者", "(?!名)"), spaced("投资人")), spaced("注册资本"), /成立日期|注册日期/,
	/营业期限|合伙期限/, either(/(?:主要)?经营场所|营业场所/, spaced("住所")), spaced("经营范围"), spaced("登记机关"),
];

function either(...labels) {
	return new RegExp(labels.map((l) => l.source).join("|"));
}

function licence(lines) {
	const number = numberOf(lines, "code", /[0-9A-HJ-NPQRTUWXY]{18}/, socialCredit);
	const [name, leader, address, established, term] = [[1, true], [3], [7, true], [5], [6, true]].map(([i, more]) => valueOf(lines, licenceLabels[i], licenceLabels, more));
	const days = term ? [...term.text.matchAll(/(\d{4})\D(\d\d?)\D(\d\d?)/g)].map((m) => day(m[1], m[2], m[3])) : [];
	const began = established && /(\d{4})\D(\d\d?)\D(\d\d?)/.exec(established.text);
	const from = days[0] || (began ? day(began[1], began[2], began[3]) : "");
	return [
		number && { name: "number", ...number },
		name && { name: "name", text: addressText(name.text), confidence: name.confidence, check: "" },
		leader && person("leader", leader),
		address && { name: "address", text: addressText(address.text), confidence: address.confidence, check: "" },
		from && { name: "valid-from", text: from, confidence: (term || established).confidence, check: "" },
		term && { name: "valid-to", text: days[1] || (/长期/.test(term.text) ? "长期" : ""), confidence: term.confidence, check: "" },
	];
}

function passport(lines) {
	const zone = lines.filter((l) => l.zone.replace(/\s/g, "").length >= 28).sort((a, b) => a.y - b.y).map((l) => ({ text: l.zone.replace(/\s/g, ""), confidence: l.confidence }));
	const out = [];
	for (const { text, confidence } of zone) {
		const m = /([A-Z0-9<]{9})([0-9OISBZ])([A-Z<]{3})([0-9OISBZ]{6})([0-9OISBZ])([MF<])([0-9OISBZ]{6})([0-9OISBZ])/.exec(text);
		if (!m) continue;
		const [birth, birthCheck, expiry, expiryCheck, numberCheck] = [m[4], m[5], m[7], m[8], m[2]].map(digitsOnly);
		const passed = (good) => (good ? "passed" : "failed");
		const to = day("20" + expiry.slice(0, 2), expiry.slice(2, 4), expiry.slice(4, 6));
		out.push({ name: "number", text: m[1].replace(/</g, ""), confidence, check: passed(machineReadable(m[1], numberCheck) && machineReadable(birth, birthCheck)) },
			{ name: "valid-to", text: to, confidence, check: passed(machineReadable(expiry, expiryCheck)) });
		const first = zone.find((z) => /^P[A-Z<]/.test(z.text) && z.text !== text);
		const names = first && /^P[A-Z<]([A-Z<]{3})([A-Z0-9<]+)$/.exec(first.text);
		if (names) {
			const [surname, given] = names[2].split("<<");
			const name = `${surname} ${given ?? ""}`.replace(/<+/g, " ").trim();
			// No check digit protects the name, and large letters are read better than those of the zone.
			const like = (text) => letters(text).length >= letters(name).length && distance(letters(text), letters(name)) <= letters(text).length / 3;
			const visible = lines.map((l) => ({ ...l, text: halfWidth(l.text) })).find((l) => /^[A-Z][A-Z ,'-]+$/.test(l.text) && like(l.text));
			out.push({ name: "name-latin", text: visible ? visible.text.replace(/\s*,\s*/g, " ").trim() : name, confidence: (visible ?? first).confidence, check: "" });
		}
		break;
	}
	return out;
}

/** numberOf returns the number with a right check digit; without one, the first of the form, as failed. Alphabet names the decoding to look in. */
function numberOf(lines, alphabet, form, valid) {
	let failed = null;
	for (const line of lines) {
		for (const text of [line.text.toUpperCase().replace(/[^0-9A-Z]/g, " "), line[alphabet]]) {
			for (const part of [text, text.replace(/\s/g, "")]) {
				const number = form.exec(part)?.[0];
				if (number && valid(number)) return { text: number, confidence: line.confidence, check: "passed" };
				if (number) failed ??= { text: number, confidence: line.confidence, check: "failed" };
			}
		}
	}
	return failed;
}

/** person returns the field with a person's name. A single character is half a name: the reader does not know the other. */
function person(field, { text, confidence }) {
	const name = personName(text);
	return { name: field, text: name, confidence: [...name].length < 2 ? 0 : confidence, check: "" };
}

/** personName returns a name with its middle dots of one kind and without spaces. */
function personName(text) {
	return text.replace(/[•・‧∙⋅.。]/g, "·").replace(/[^\p{Script=Han}·]/gu, "").replace(/^·+|·+$/g, "");
}

/** addressText returns an address or a name of an organisation, which has no spaces. */
function addressText(text) {
	return halfWidth(text).replace(/\s/g, "");
}

/** halfWidth returns letters and digits as ASCII, and brackets as in Chinese text. */
function halfWidth(text) {
	return text.replace(/[！-～]/g, (c) => ("（）".includes(c) ? c : String.fromCharCode(c.charCodeAt(0) - 0xfee0))).replace(/\(/g, "（").replace(/\)/g, "）");
}

function digitsOnly(text) {
	return text.replace(/[OISBZ]/g, (c) => ({ O: "0", I: "1", S: "5", B: "8", Z: "2" })[c]);
}

const letters = (text) => text.replace(/[^A-Z]/g, "");

/** distance returns how many letters differ between two texts (Levenshtein). */
function distance(a, b) {
	let row = Array.from({ length: b.length + 1 }, (_, i) => i);
	for (let i = 1; i <= a.length; i++) {
		const next = [i];
		for (let k = 1; k <= b.length; k++) next[k] = Math.min(row[k] + 1, next[k - 1] + 1, row[k - 1] + (a[i - 1] === b[k - 1] ? 0 : 1));
		row = next;
	}
	return row[b.length];
}
