// Shows how long is left until a deadline. The clock of the system counts, not that of the phone.
for (const e of document.querySelectorAll('[data-until]')) {
	const ahead = Date.parse(e.dataset.now) - Date.now();
	const show = () => {
		const minutes = Math.max(0, Math.floor((Date.parse(e.dataset.until) - Date.now() - ahead) / 60000));
		e.textContent = e.dataset.words.replace('{h}', Math.floor(minutes / 60)).replace('{m}', minutes % 60);
	};
	show();
	setInterval(show, 10000);
}
