// Decodes HEIC photos where the browser cannot. The decoder is loaded for the first such photo.

/** isHEIC reports whether a file is a HEIC photo, by its first bytes (ISO/IEC 14496-12, 4.3). */
export async function isHEIC(file) {
	const head = new TextDecoder("latin1").decode(await file.slice(0, 12).arrayBuffer());
	return head.slice(4, 8) === "ftyp" && ["heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1"].includes(head.slice(8));
}

/** decodeHEIC returns the picture of a HEIC photo, upright. It throws if the decoder cannot be loaded or cannot read the photo. */
export async function decodeHEIC(photo) {
	const response = await fetch("/recognition");
	if (!response.ok) throw new Error("network");
	const { heic } = await response.json();
	const worker = new Worker(heic.worker);
	try {
		return await new Promise((done, fail) => {
			worker.addEventListener("message", ({ data }) => (data.bitmap ? done(data.bitmap) : fail(new Error(data.error))));
			worker.addEventListener("error", () => fail(new Error("network")));
			worker.postMessage({ files: heic.files, photo });
		});
	} finally {
		worker.terminate();
	}
}
