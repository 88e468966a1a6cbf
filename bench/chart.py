"""A bar for each result, in SVG, so that nothing has to be installed to draw it."""

from collections.abc import Collection, Sequence
from html import escape

from bench.rounds import Result

COLOURS = ("#8a94a6", "#2f6fed", "#e08a2e")
ROW, LEFT, WIDTH, RIGHT = 22, 260, 620, 90


def chart(results: Collection[Result], shares: Sequence[str]) -> str:
    """CPU microseconds of one request, one bar a result, one colour a share."""
    scale = WIDTH / max(result.total for result in results)
    height = ROW * (len(results) + 2)
    size = f'width="{LEFT + WIDTH + RIGHT}" height="{height}"'
    font = 'font-family="sans-serif" font-size="12"'
    drawn = [f'<svg xmlns="http://www.w3.org/2000/svg" {size} {font}>']
    for place, (share, colour) in enumerate(zip(shares, COLOURS, strict=True)):
        at = LEFT + 110 * place
        drawn.append(f'<rect x="{at}" y="4" width="12" height="12" fill="{colour}"/>')
        drawn.append(f'<text x="{at + 18}" y="15">{escape(share)} µs</text>')
    for row, result in enumerate(results, start=1):
        drawn += _bar(result, shares, top=ROW * row + 4, scale=scale)
    return "\n".join([*drawn, "</svg>\n"])


def _bar(result: Result, shares: Sequence[str], *, top: int, scale: float) -> list[str]:
    end, middle = float(LEFT), top + 13
    drawn = [f'<text x="{LEFT - 8}" y="{middle}" text-anchor="end">{escape(result.name)}</text>']
    for share, colour in zip(shares, COLOURS, strict=True):
        wide = scale * result.share(share)
        drawn.append(
            f'<rect x="{end:.1f}" y="{top}" width="{wide:.1f}" height="16" fill="{colour}"/>'
        )
        end += wide
    return [*drawn, f'<text x="{end + 6:.1f}" y="{middle}">{result.total:,.0f}</text>']
