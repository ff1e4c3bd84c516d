/* Makes the picture (PNG) of a chart from its drawing (SVG), where no picture is kept: for pages with charts that there
 * are thousands of. The button and every word stand in the page (parts/explore.html). */

(() => {
  const SCALE = 2;

  function drawn(image) {
    const canvas = document.createElement("canvas");
    canvas.width = SCALE * image.naturalWidth;
    canvas.height = SCALE * image.naturalHeight;
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    return new Promise((give, refuse) => {
      canvas.toBlob((picture) => (picture ? give(picture) : refuse(new Error("no picture"))), "image/png");
    });
  }

  async function take(button) {
    const image = new Image();
    image.src = button.dataset.drawing;
    await image.decode();
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await drawn(image));
    link.download = button.dataset.name;
    link.click();
    URL.revokeObjectURL(link.href);
  }

  function tellFailed(button) {
    const told = document.createElement("span");
    told.setAttribute("role", "alert");
    told.textContent = button.dataset.failed;
    button.replaceWith(told);
  }

  for (const button of document.querySelectorAll(".explore-picture")) {
    button.hidden = false;
    button.addEventListener("click", () => take(button).catch(() => tellFailed(button)));
  }
})();
