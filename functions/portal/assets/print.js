// Shows the button that prints the page, which needs a script.
for (const e of document.querySelectorAll('[data-print]')) {
	e.hidden = false;
	e.addEventListener('click', () => window.print());
}
