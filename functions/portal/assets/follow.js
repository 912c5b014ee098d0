// The page of an application on which the system is at work: asks for the page, less often the longer it takes, and loads it again once the work is done.

let wait = 1000; // milliseconds between questions
const longest = 30000;
const now = document.querySelector("[data-follow]").dataset.follow;
let timer;

async function follow() {
	if (document.hidden) return;
	try {
		const response = await fetch(location.href);
		const fresh = new DOMParser().parseFromString(await response.text(), "text/html").querySelector("[data-follow]");
		if (response.redirected || response.ok && fresh?.dataset.follow !== now) { location.reload(); return; } // done, or the session has ended
	} catch { /* offline: ask again later */ }
	wait = Math.min(longest, wait * 1.5);
	timer = setTimeout(follow, wait);
}

document.addEventListener("visibilitychange", () => {
	clearTimeout(timer);
	wait = 1000;
	if (!document.hidden) timer = setTimeout(follow, 100);
});
timer = setTimeout(follow, wait);
