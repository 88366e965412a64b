"""The report in Debian's Chromium: `.ci/browser` installs it."""

import base64
import itertools
import json
import os
import shutil
import struct
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from figures.report import program
from synthetic import program as verification

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))),
    None,
)
DRIVER = shutil.which("chromedriver")
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)
PATTERNS = [
    "sps.fejer.pathwise",
    "sps.lastiterate.refuted",
    "iam.lipschitz.last",
    "iam.averaging",
    "kd.sqc.small_steps",
    "kd.ls.bias",
]
OPENED = "iam.lipschitz.last"

pytestmark = [
    pytest.mark.skipif(
        not (CHROMIUM and DRIVER) and os.environ.get("RATECHECK_BROWSER") != "needed",
        reason="needs chromium and its chromedriver: .ci/browser installs both",
    ),
    # Selenium 4 and its server speak over sockets that it leaves to the collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report of six claims of every kind."""
    folder = tmp_path_factory.mktemp("report")
    asked = verification.Asked(json_file=folder / program.RESULTS)
    job = verification.prepare(PATTERNS, None, asked)
    job.save(job.run(lambda *_: None))
    told: list[str] = []
    made = program.run(program.Asked(folder), lambda *_: None, told.append)
    assert not told
    return made.path


@pytest.fixture(scope="module")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where screenshots go; `RATECHECK_SCREENSHOTS` keeps them."""
    named = os.environ.get("RATECHECK_SCREENSHOTS")
    folder = Path(named) if named else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """One Chromium for all tests, with an empty profile."""
    webdriver = pytest.importorskip("selenium.webdriver")
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    profile = tmp_path_factory.mktemp("profile")
    for flag in (*FLAGS, f"--user-data-dir={profile}", "--window-size=1280,900"):
        options.add_argument(flag)
    options.set_capability(
        "goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"}
    )
    service = webdriver.ChromeService(executable_path=DRIVER)
    made = webdriver.Chrome(options=options, service=service)
    made.set_page_load_timeout(60)
    yield made
    made.quit()


@pytest.fixture
def browser(driver: Any, report: Path) -> Iterator[Any]:
    """The report, freshly opened; whatever the test does, it asks for nothing."""
    emulate(driver, 1280, 900)
    driver.get("about:blank")
    driver.get_log("browser")
    driver.get_log("performance")
    driver.get(report.as_uri())
    yield driver
    assert [line["message"] for line in driver.get_log("browser")] == []
    assert asked_for(driver) <= {report.as_uri()}


def asked_for(driver: Any) -> set[str]:
    """All addresses that the page asked for, but those that carry their own data."""
    found = set()
    for line in driver.get_log("performance"):
        event = json.loads(line["message"])["message"]
        if event["method"] == "Network.requestWillBeSent":
            url = event["params"]["request"]["url"].partition("#")[0]
            if not url.startswith(("data:", "blob:")):
                found.add(url)
    return found


def emulate(driver: Any, width: int, height: int, scheme: str = "light") -> None:
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {
            "width": width,
            "height": height,
            "deviceScaleFactor": 1,
            "mobile": width < 600,
        },
    )
    feature = {"name": "prefers-color-scheme", "value": scheme}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})


def run(driver: Any, script: str, *arguments: Any) -> Any:
    return driver.execute_script(script, *arguments)


def until(driver: Any, script: str) -> Any:
    """Wait until a script's answer is true."""
    deadline = time.monotonic() + 20
    while not (answer := run(driver, script)):
        assert time.monotonic() < deadline, f"never true: {script}"
        time.sleep(0.02)
    return answer


def find(driver: Any, css: str) -> Any:
    return driver.find_element("css selector", css)


def claims(driver: Any) -> list[str]:
    """The ids in the table, as it is sorted and filtered now."""
    rows = "document.querySelectorAll('#claims tbody th a')"
    script = f"return [...{rows}].map(a => a.innerText)"
    return [str(one) for one in run(driver, script)]


def press(driver: Any, heading: str, which: int) -> None:
    """Press one of the buttons beside a heading: 0 sorts, 1 filters."""
    cells = driver.find_elements("css selector", "#claims thead th")
    (cell,) = [cell for cell in cells if heading in cell.text]
    cell.find_elements("css selector", "button")[which].click()


def sort(driver: Any, heading: str, expected: str) -> None:
    """Press a heading's first button, and wait until the table is sorted so."""
    press(driver, heading, 0)
    cell = f"document.querySelector(\"#claims thead th[aria-sort='{expected}']\")"
    until(driver, f"return {cell}?.innerText.includes('{heading}')")


def open_theorem(driver: Any) -> str:
    """Follow the table's link, wait for the chart, and name the theorem's selector."""
    find(driver, f"#claims a[href='#{OPENED}']").click()
    drawn = f"[id='{OPENED}'] .chart .main-svg"
    until(driver, f'return document.querySelector("{drawn}") !== null')
    return f"[id='{OPENED}']"


def keep(driver: Any, path: Path) -> None:
    """A screenshot that is as wide as the window, and not empty."""
    data = driver.get_screenshot_as_png()
    path.write_bytes(data)
    width, height = struct.unpack(">II", data[16:24])
    assert width == run(driver, "return innerWidth * devicePixelRatio")
    assert len(data) > width * height / 100


def test_the_table_sorts(browser: Any) -> None:
    assert sorted(claims(browser)) == sorted(PATTERNS)
    sort(browser, "Claim", "ascending")
    assert claims(browser) == sorted(PATTERNS)
    sort(browser, "Tightness", "ascending")
    sort(browser, "Tightness", "descending")
    assert claims(browser)[0] == "sps.lastiterate.refuted"


def test_the_table_filters_by_verdict(browser: Any) -> None:
    press(browser, "Verdict", 1)
    (choice,) = [
        button
        for button in browser.find_elements("css selector", ".dtcc-dropdown button")
        if button.text.startswith("refuted")
    ]
    choice.click()
    assert claims(browser) == ["sps.lastiterate.refuted"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("iam.", ["iam.averaging", "iam.lipschitz.last"]),
        ("bounded second moment", ["iam.lipschitz.last", "sps.lastiterate.refuted"]),
        ("2504.01898", ["iam.averaging", "iam.lipschitz.last", "sps.fejer.pathwise"]),
        ("refuted, as", ["sps.lastiterate.refuted"]),
        ("no such claim", []),
    ],
)
def test_the_table_is_searched(browser: Any, text: str, expected: list[str]) -> None:
    find(browser, ".dt-search input").send_keys(text)
    assert sorted(claims(browser)) == expected


def test_a_theorem_opens_and_its_scales_change(browser: Any, shots: Path) -> None:
    theorem = open_theorem(browser)
    chart = f'document.querySelector("{theorem} .chart")'
    names = run(browser, f"return {chart}.data.map(trace => trace.name)")
    assert names == ["bound", "left-hand side"]
    for box, axis in (("x", "xaxis"), ("y", "yaxis")):
        toggle = find(browser, f"{theorem} input[data-axis='{box}axis.type']")
        before = run(browser, f"return {chart}._fullLayout.{axis}.type")
        run(browser, "arguments[0].scrollIntoView({block: 'center'})", toggle)
        toggle.send_keys(" ")
        after = {"linear": "log", "log": "linear"}[before]
        until(browser, f"return {chart}._fullLayout.{axis}.type === '{after}'")
    keep(browser, shots / "theorem.png")


@pytest.mark.parametrize(
    ("width", "height", "scheme"),
    [(1280, 900, "light"), (1280, 900, "dark"), (390, 844, "light")],
)
def test_it_fits_and_is_photographed(
    browser: Any, shots: Path, width: int, height: int, scheme: str
) -> None:
    emulate(browser, width, height, scheme)
    keep(browser, shots / f"table-{width}-{scheme}.png")
    open_theorem(browser)
    keep(browser, shots / f"theorem-{width}-{scheme}.png")
    assert run(browser, "return document.documentElement.scrollWidth") == width
    # Nothing that cannot be scrolled to sticks out to the right.
    wide = run(
        browser,
        "return [...document.querySelectorAll('main *')].filter(e => e.clientWidth &&"
        "e.getBoundingClientRect().right > innerWidth + 1 &&"
        "!e.closest('.scroll, .statement, li, pre, .chart')).map(e => e.outerHTML)",
    )
    assert wide == []


def test_a_download_holds_its_data(browser: Any) -> None:
    theorem = open_theorem(browser)
    link = find(browser, f"{theorem} a[download='{OPENED}.csv']")
    text = unquote(link.get_attribute("href").partition(",")[2])
    head, *rows = text.splitlines()
    assert head == "t,lower,value,upper,bound,roundoff"
    assert [row.partition(",")[0] for row in rows] == [str(t) for t in range(16)]


def test_headings_do_not_skip_a_level(browser: Any) -> None:
    script = (
        "return [...document.querySelectorAll('h1,h2,h3,h4')].map(h => +h.tagName[1])"
    )
    levels = run(browser, script)
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in itertools.pairwise(levels))


def test_everything_that_acts_is_reached_by_tab_in_the_order_of_the_page(
    browser: Any,
) -> None:
    # Not by its link: Tab would go on from there.
    script = "document.getElementById(arguments[0]).closest('details').open = true"
    run(browser, script, OPENED)
    body = find(browser, "body")
    body.send_keys("\ue004")
    assert run(browser, "return document.activeElement.className") == "skip"
    order = (
        "return [...document.querySelectorAll('a[href], button, summary, "
        'input:not([type=hidden]), [tabindex="0"]\')].filter(e => e.checkVisibility() '
        "&& e.tabIndex >= 0 && !e.closest('.chart'))"
    )
    wanted = run(browser, order)
    seen = []
    for _ in range(len(wanted) + 40):
        seen.append(run(browser, "return document.activeElement"))
        browser.switch_to.active_element.send_keys("\ue004")
    reached = [element for element in wanted if element in seen]
    assert reached == wanted
    assert [seen.index(e) for e in wanted] == sorted(seen.index(e) for e in wanted)


def test_a_name_for_everything_that_acts(browser: Any) -> None:
    open_theorem(browser)
    acts = "a[href], button, input, [role=region], [role=img], [role=group], img"
    script = (
        f"return [...document.querySelectorAll('{acts}')].filter(e => !(e.ariaLabel || "
        "e.textContent.trim() || e.alt || e.title || e.labels?.length || "
        "e.closest('.chart') !== e && e.closest('.chart'))).map(e => e.outerHTML)"
    )
    nameless = run(browser, script)
    assert nameless == []


def test_it_prints_the_open_theorem(browser: Any, shots: Path) -> None:
    open_theorem(browser)
    printed = browser.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})
    data = base64.b64decode(printed["data"])
    (shots / "print.pdf").write_bytes(data)
    assert data.startswith(b"%PDF")


def test_the_fence_is_there(browser: Any, report: Path) -> None:
    """A page that does ask is caught by what the other tests look at."""
    run(browser, "fetch('http://127.0.0.1:9/').catch(() => 0)")
    until(browser, "return true")
    messages = [line["message"] for line in browser.get_log("browser")]
    assert any("Content Security Policy" in message for message in messages)
    assert asked_for(browser) <= {report.as_uri()}
