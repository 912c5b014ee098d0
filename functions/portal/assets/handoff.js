// The page of a computer while a phone does a step: asks for news, less often the longer there are none, and shows them.

let wait = 1500; // milliseconds between questions
const longest = 10000;
let timer;

function version() { return document.getElementById("live").dataset.version; }

async function follow() {
	if (document.hidden) return;
	let news;
	try {
		const response = await fetch(document.getElementById("live").dataset.state);
		if (response.redirected || !response.ok) { location.reload(); return; } // the session has ended
		news = await response.json();
		if (news.version !== version()) {
			const page = await fetch(location.href);
			const fresh = new DOMParser().parseFromString(await page.text(), "text/html").getElementById("live");
			const live = document.getElementById("live");
			// The status stays the same element, so that a screen reader says what changes.
			const status = live.querySelector("[role=status]"), text = fresh.querySelector("[role=status]");
			if (status.innerHTML !== text.innerHTML) status.replaceChildren(...text.childNodes);
			while (status.nextSibling) status.nextSibling.remove();
			while (text.nextSibling) live.append(text.nextSibling);
			live.dataset.version = fresh.dataset.version;
			wait = 1500;
		}
	} catch { /* offline: ask again later */ }
	wait = Math.min(longest, wait * 1.25);
	if (!news || !news.done && (news.state === "open" || news.state === "used")) timer = setTimeout(follow, wait);
}

document.addEventListener("visibilitychange", () => {
	clearTimeout(timer);
	wait = 1500;
	if (!document.hidden) timer = setTimeout(follow, 100);
});
timer = setTimeout(follow, wait);
