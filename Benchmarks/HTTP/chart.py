"""A bar chart as SVG, written by hand: no script, no font and no image from elsewhere, light and dark."""

from xml.sax.saxutils import escape

WIDTH, LABEL, VALUE, BAR, GAP, TOP, BOTTOM = 760, 190, 150, 22, 10, 70, 40
STYLE = """
    text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328; }
    .title { font-size: 16px; font-weight: 600; }
    .quiet { fill: #59636e; font-size: 12px; }
    .own { font-weight: 600; }
    .bar { fill: #8c959f; }
    .bar.own { fill: #0969da; }
    .bar.yardstick { fill: none; stroke: #8c959f; stroke-dasharray: 4 3; }
    @media (prefers-color-scheme: dark) {
      text { fill: #f0f6fc; }
      .quiet { fill: #9198a1; }
      .bar { fill: #6e7681; }
      .bar.own { fill: #4493f8; }
      .bar.yardstick { fill: none; stroke: #9198a1; }
    }
"""


def bars(title: str, subtitle: str, note: str, rows: list[tuple[str, float, float]]) -> str:
    """One bar for each name, rate and CPU time; the background stays that of the page."""
    height = TOP + len(rows) * (BAR + GAP) + BOTTOM
    longest = max(rate for _, rate, _ in rows)
    room = WIDTH - LABEL - VALUE
    summary = "; ".join(f"{name} {rate:,.0f}" for name, rate, _ in rows)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        'role="img" aria-labelledby="title description">',
        f'  <title id="title">{escape(title)}</title>',
        f'  <desc id="description">{escape(summary)}. {escape(note)}.</desc>',
        f"  <style>{STYLE}  </style>",
        f'  <text class="title" x="0" y="20">{escape(title)}</text>',
        f'  <text class="quiet" x="0" y="42">{escape(subtitle)}</text>',
    ]
    for index, (name, rate, cpu) in enumerate(rows):
        top = TOP + index * (BAR + GAP)
        kind = " own" if name.startswith("Keybearer") else " yardstick" if name.startswith("C ") else ""
        length = max(1.0, room * rate / longest)
        middle = top + BAR * 0.7
        lines += [
            f'  <text class="{kind.strip()}" x="{LABEL - 10}" y="{middle:.1f}" text-anchor="end">{escape(name)}</text>',
            f'  <rect class="bar{kind}" x="{LABEL}" y="{top}" width="{length:.1f}" height="{BAR}" rx="2"/>',
            f'  <text class="{kind.strip()}" x="{LABEL + length + 8:.1f}" y="{middle:.1f}">{rate:,.0f}'
            f'<tspan class="quiet"> · {cpu:.1f} µs CPU</tspan></text>',
        ]
    lines += [f'  <text class="quiet" x="0" y="{height - 12}">{escape(note)}</text>', "</svg>"]
    return "\n".join(lines) + "\n"
