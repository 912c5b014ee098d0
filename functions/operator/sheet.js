// Adds a button to each value, which copies it.
const { copy, copied } = document.body.dataset;
for (const value of document.querySelectorAll(".value")) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = copy;
  const label = value.closest("div").querySelector("dt").textContent;
  button.setAttribute("aria-label", copy + " " + label);
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(value.textContent);
      button.textContent = copied;
      document.getElementById("status").textContent = copied + " " + label;
      setTimeout(() => { button.textContent = copy; }, 2000);
    } catch { // the browser does not allow it: select the value, for Ctrl-C
      getSelection().selectAllChildren(value);
    }
  });
  value.after(button);
}
