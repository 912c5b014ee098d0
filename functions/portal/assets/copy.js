// Buttons that copy the text of an element; they need a script.
for (const e of document.querySelectorAll('[data-copy]')) {
	if (!navigator.clipboard) continue;
	e.hidden = false;
	e.addEventListener('click', async () => {
		await navigator.clipboard.writeText(document.getElementById(e.dataset.copy).textContent);
		e.textContent = e.dataset.done;
	});
}
