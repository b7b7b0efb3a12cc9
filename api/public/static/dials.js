// The two dials move by arrow keys too: the day by days, what was known by entries; Shift makes it ten.
const dials = document.querySelector("[data-dials]");
if (dials) {
  const known = dials.querySelector("[name=known_at]"), size = Number(dials.dataset.size);
  known.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
    const now = /^\d+$/.test(known.value) ? Number(known.value) : size, step = (event.shiftKey ? 10 : 1) * (event.key === "ArrowUp" ? 1 : -1);
    known.value = String(Math.min(size, Math.max(1, now + step)));
    event.preventDefault();
  });
}
// "/" leads to the search, as in most reading rooms.
document.addEventListener("keydown", (event) => {
  const search = document.querySelector("input[type=search]");
  if (event.key === "/" && search && !/^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName)) { search.focus(); event.preventDefault(); }
});
