"use strict";
// The mouse and keys, on top of a page that works without them.
(() => {
  const picture = document.getElementById("picture");
  const start = document.getElementById("start");
  const end = document.getElementById("end");
  const sound = document.getElementById("sound");
  const from = Number(picture.dataset.from);
  const to = Number(picture.dataset.to);
  const box = picture.viewBox.baseVal;
  const left = Number(picture.dataset.left);
  const inner = box.width - left - Number(picture.dataset.right);
  const choice = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  choice.setAttribute("class", "choice");
  choice.setAttribute("height", String(box.height - 24));
  picture.append(choice);

  const seconds = (event) => {
    const area = picture.getBoundingClientRect();
    const x = ((event.clientX - area.left) / area.width) * box.width;
    return from + (to - from) * Math.min(1, Math.max(0, (x - left) / inner));
  };
  const place = (time) => left + (inner * (Math.min(to, Math.max(from, time)) - from)) / (to - from);
  const show = () => {
    const a = Number(start.value.replace(",", "."));
    const b = Number(end.value.replace(",", "."));
    const there = start.value !== "" && end.value !== "" && b > a;
    choice.setAttribute("x", String(there ? place(a) : 0));
    choice.setAttribute("width", String(there ? place(b) - place(a) : 0));
  };
  const choose = (a, b) => {
    const digits = Math.max(0, Math.min(6, Math.ceil(-Math.log10((to - from) / 2000))));
    start.value = Math.min(a, b).toFixed(digits);
    end.value = Math.max(a, b).toFixed(digits);
    show();
  };

  let began = null;
  picture.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    began = seconds(event);
    picture.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  picture.addEventListener("pointermove", (event) => {
    if (began !== null) choose(began, seconds(event));
  });
  picture.addEventListener("pointerup", () => { began = null; });
  picture.addEventListener("pointercancel", () => { began = null; });
  start.addEventListener("input", show);
  end.addEventListener("input", show);
  show();

  const links = {
    ArrowLeft: "view-left", ArrowRight: "view-right", "+": "view-in", "-": "view-out",
    n: "next-unlabelled",
  };
  const play = () => {
    if (!sound) return;
    if (!sound.paused) { sound.pause(); return; }
    const until = end.value === "" ? Infinity : Number(end.value);
    sound.currentTime = start.value === "" ? from : Number(start.value);
    sound.ontimeupdate = () => { if (sound.currentTime >= until) sound.pause(); };
    sound.play();
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const tag = event.target.tagName;
    if (tag === "INPUT" || tag === "AUDIO") return;
    if (event.key === " " && tag !== "BUTTON" && tag !== "A") {
      event.preventDefault();
      play();
      return;
    }
    const link = links[event.key] && document.getElementById(links[event.key]);
    const button = document.querySelector(`button[data-key="${CSS.escape(event.key)}"]`);
    if (link) link.click();
    else if (button) button.click();
  });
})();
