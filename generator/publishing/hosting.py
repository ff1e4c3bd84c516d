"""Files that tell common web hosts how to serve a site: the policy of its pages, caching, the page of errors.

Each says the same in the words of one host: `_headers` (Netlify, Cloudflare Pages), `.htaccess` (Apache),
`staticwebapp.config.json` (Azure Static Web Apps) and `hosting/nginx.conf`, to be included by hand.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from generator.model.pages import SiteFile
from generator.publishing.policy import EXPLORER, explorer_policy, policy

GENERAL = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": ", ".join(
        (
            "geolocation=(self)",  # the finder asks for the place when its button is pressed
            *(
                f"{feature}=()"
                for feature in (
                    *("accelerometer", "autoplay", "camera", "display-capture", "encrypted-media"),
                    *("gyroscope", "magnetometer", "microphone", "midi", "payment"),
                    *("publickey-credentials-get", "screen-wake-lock", "usb", "xr-spatial-tracking"),
                )
            ),
        )
    ),
}
"""Headers of every file."""

FOR_GOOD = "public, max-age=31536000, immutable"
"""How long a browser may keep a file whose name is made from its content."""
BRIEFLY = "public, max-age=300, must-revalidate"
"""How long it may keep a page: a correction is seen within minutes."""

FINGERPRINTED = r"\.[0-9a-f]{8,}\.(?:min\.)?(?:css|js|json|svg)$"
"""How the name of a file ends that carries a hash of its content."""


def host_files(
    scripts: Iterable[str], places: Iterable[str], kept: Iterable[str], site_url: str, *, is_public: bool
) -> list[SiteFile]:
    """Return the files for every host, and robots.txt.

    `scripts` are the texts of the theme's inline scripts; `places` the names of the site's top folders;
    `kept` the files directly in assets/ whose names are made from their content.
    """
    pages = policy(scripts)
    base = urlsplit(site_url).path or "/"
    texts = {
        "_headers": _headers(pages, sorted(places), sorted(kept)),
        ".htaccess": _htaccess(pages, base),
        "staticwebapp.config.json": _azure(pages),
        "hosting/nginx.conf": _nginx(pages, base),
        "robots.txt": _robots(site_url, is_public=is_public),
    }
    return [SiteFile(path, text.encode()) for path, text in texts.items()]


def _headers(pages: str, places: list[str], kept: list[str]) -> str:
    """Return `_headers`: rules for paths below the folder that is deployed.

    Where several rules fit, both hosts join their values: two policies would both hold, and the explorer's
    would be lost. So pages have theirs by top folder, and no two rules name one header for one path.
    """
    rules: list[tuple[str, Mapping[str, str]]] = [("/*", GENERAL)]
    rules += [
        (path, {"Content-Security-Policy": pages, "Cache-Control": BRIEFLY})
        for path in (
            "/",
            "/index.html",
            "/404.html",
            *(f"/{place}/*" for place in places if place != "assets"),
        )
    ]
    kept = [*kept, *(f"assets/{folder}/*" for folder in ("javascripts", "plates", "stylesheets"))]
    rules += [(f"/{path}", {"Cache-Control": FOR_GOOD}) for path in kept]
    rules.append((f"/{EXPLORER}*", {"Content-Security-Policy": explorer_policy()}))
    return "\n".join(f"{path}\n{_lines('  {}: {}', headers)}" for path, headers in rules)


def _htaccess(pages: str, base: str) -> str:
    return f"""ErrorDocument 404 {base}404.html
Options -Indexes
AddType application/vnd.apache.parquet .parquet
AddCharset utf-8 .html .css .js .json .csv .svg .xml .txt
<IfModule mod_headers.c>
{_lines('Header always set {} "{}"', GENERAL)}Header always set Content-Security-Policy "{pages}"
Header set Cache-Control "{BRIEFLY}"
<FilesMatch "{FINGERPRINTED}">
Header set Cache-Control "{FOR_GOOD}"
</FilesMatch>
<If "%{{REQUEST_URI}} =~ m#/{EXPLORER}#">
Header always set Content-Security-Policy "{explorer_policy()}"
</If>
</IfModule>
<IfModule mod_deflate.c>
AddOutputFilterByType DEFLATE text/html text/css text/csv text/javascript application/json image/svg+xml
</IfModule>
"""


def _azure(pages: str) -> str:
    long = {"Cache-Control": FOR_GOOD}
    document = {
        "globalHeaders": {**GENERAL, "Content-Security-Policy": pages, "Cache-Control": BRIEFLY},
        "routes": [
            {"route": f"/{EXPLORER}*", "headers": {"Content-Security-Policy": explorer_policy()}},
            *(
                {"route": f"/assets/{part}", "headers": long}
                for part in ("stylesheets/*", "javascripts/*", "plates/*", "*.{css,js}")
            ),
        ],
        "responseOverrides": {"404": {"rewrite": "/404.html", "statusCode": 404}},
        "mimeTypes": {".parquet": "application/vnd.apache.parquet"},
    }
    return json.dumps(document, indent=1) + "\n"


def _nginx(pages: str, base: str) -> str:
    """Return lines for a `server` block: a location with headers of its own has none of the server's."""

    def location(pattern: str, **more: str) -> str:
        lines = _lines('  add_header {} "{}" always;', {**GENERAL, **more_of(more)})
        return f"location {pattern} {{\n{lines}}}\n"

    def more_of(more: Mapping[str, str]) -> dict[str, str]:
        return {name.replace("_", "-"): value for name, value in more.items()}

    return "".join(
        (
            "# Inside a server block: include /path/of/the/site/hosting/nginx.conf;\n",
            f"error_page 404 {base}404.html;\ncharset utf-8;\n",
            "gzip on;\ngzip_types text/css text/csv text/javascript application/javascript application/json "
            "image/svg+xml;\n",
            location(
                f"^~ {base}{EXPLORER}", Content_Security_Policy=explorer_policy(), Cache_Control=BRIEFLY
            ),
            location(f'~ "{FINGERPRINTED}"', Content_Security_Policy=pages, Cache_Control=FOR_GOOD),
            location(base, Content_Security_Policy=pages, Cache_Control=BRIEFLY),
        )
    )


def _robots(site_url: str, *, is_public: bool) -> str:
    if not is_public:
        return "User-agent: *\nDisallow: /\n"
    # Asked for at the root of a host alone: on a site below a path it serves whoever copies it there.
    sitemap = f"Sitemap: {site_url}sitemap.xml\n" if site_url else ""
    return f"User-agent: *\nAllow: /\n{sitemap}"


def _lines(form: str, headers: Mapping[str, str]) -> str:
    return "".join(f"{form.format(name, value)}\n" for name, value in headers.items())
