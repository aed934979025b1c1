"""Pictures of every page, for docs/screenshots: `make screenshots`.

With a folder all four looks go there, with names behind it only those pages: `screenshots.py /tmp/pictures keys key`.
"""

import pathlib
import sys

from PIL import Image

import browser
import pages
import world
from server import ROOT, Server

FOLDER = ROOT / "docs/screenshots"


def main(only=()):
    folder = pathlib.Path(only[0]) if only else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    wanted = set(only[1:])
    # For the repository two of the four looks are enough.
    kept = ("desktop", "phone-dark") if folder == FOLDER else ("desktop", "desktop-dark", "phone", "phone-dark")
    with Server() as server, browser.launched() as chromium:
        names = pages.people(server, world.fill(server))
        looks = [("desktop", browser.DESKTOP, "light"), ("desktop-dark", browser.DESKTOP, "dark"),
                 ("phone", browser.PHONE, "light"), ("phone-dark", browser.PHONE, "dark")]
        for look, size, theme in looks:
            if look not in kept:
                continue
            people = {}
            for name, template, who in pages.EVERY:
                if wanted and name not in wanted:
                    continue
                if who not in people:
                    people[who] = browser.Person(chromium, server, size=size, theme=theme)
                    if who:
                        people[who].sign_in(who)
                        people[who].choose(pages.HOME[who])
                page = people[who].page
                page.goto(pages.path(template, names))
                page.screenshot(path=folder / f"{name}.{look}.png", full_page=True)
            if not wanted or "key-shown" in wanted:
                shown(people[world.OWNER], folder / f"key-shown.{look}.png")
            for person in people.values():
                person.context.close()
    for picture in folder.glob("*.png"):
        shrink(picture)
    if folder == FOLDER:
        gallery(kept)
    print(f"{len(list(folder.glob('*.png')))} pictures in {folder}")


def shrink(path):
    """Flat colours: the commonest 256 stay exactly as they are, in a third of the bytes."""
    picture = Image.open(path).convert("RGB")
    commonest = sorted(picture.getcolors(picture.width * picture.height), reverse=True)[:256]
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for _, colour in commonest for part in colour])
    picture.quantize(palette=palette, dither=Image.Dither.NONE).save(path, optimize=True)


def gallery(looks):
    """One page with every picture of the folder; pictures of pages that are gone go with them."""
    names = [name for name, _, _ in pages.EVERY]
    names.insert(names.index("key-new") + 1, "key-shown")
    for picture in FOLDER.glob("*.png"):
        if picture.name.split(".")[0] not in names:
            picture.unlink()
    lines = ["# Every page of the console", "",
             "Made by `make screenshots` from an invented organization: on a desktop in the light theme, on a phone in the dark one.", "",
             "| page | desktop, light | phone, dark |", "|---|---|---|"]
    for name in names:
        path = next((template for each, template, _ in pages.EVERY if each == name), "answer to `POST /api-keys`")
        address = "`" + path.split("?")[0].replace("0" * 64, "…") + "`" if path.startswith("/") else path
        shots = " | ".join(f'<img src="{name}.{look}.png" alt="{name}, {look}" width="{width}">'
                           for look, width in zip(looks, (560, 180)))
        lines.append(f"| **{name}**<br>{address} | {shots} |")
    (FOLDER / "README.md").write_text("\n".join(lines) + "\n")


def shown(person, path):
    page = person.page
    page.goto("/api-keys/new")
    page.fill("#name", "Status page")
    page.check("input[value='project:read']")
    page.locator("main button.primary").click()
    # The key in the picture is revoked before the picture is kept.
    page.screenshot(path=path, full_page=True)
    page.goto("/api-keys?q=Status+page")
    page.locator("a", has_text="Revoke").first.click()
    page.locator("button.danger").click()


if __name__ == "__main__":
    main(sys.argv[1:])
