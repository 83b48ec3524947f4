// On a narrow screen the main navigation scrolls: bring the place where one is into view.

const nav = document.querySelector(".nav");
const here = nav?.querySelector("[aria-current]");

if (here && nav.scrollWidth > nav.clientWidth) {
  here.scrollIntoView({ block: "nearest", inline: "center", behavior: "instant" });
}
