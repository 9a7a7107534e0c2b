// Opens every page of the console of a running service in a fresh browser window, as somebody does who comes in the morning, and
// measures when what the page is for stands on the screen; then scrolls through all cases. One line a measure: name, value, unit.
//
//   node browse.mjs URL CASE PATIENT REPEATS

import { openBrowser } from '../../console/support.mjs';

const [url, caseName, patient, repeats] = process.argv.slice(2);
const scrollSteps = 200;
// What is useful on each: the first thing that was asked of the service and could be read.
const pages = [
  ['Today', '/', '.count-critical .count-number'],
  ['Cases', '/cases', '.row[data-item] .level'],
  ['Cases, sorted by patient', '/cases?sort=patient&order=asc', '.row[data-item] .level'],
  ['One case', `/cases/${caseName}`, '.reason-sentence'],
  ['One case, its plot', `/cases/${caseName}`, 'section[aria-label="What shows it"] canvas, section[aria-label="What shows it"] .quiet'],
  ['One patient', `/patients/${patient}`, '.facts-line-box'],
  ['One patient, the timeline', `/patients/${patient}`, '.lanes'],
  ['Programme', '/programme', 'section table tbody tr'],
  ['Feeds', '/feeds', 'section[aria-label="Sources"] tbody tr, .feeds tbody tr'],
];

const quantile = (values, share) => [...values].sort((a, b) => a - b)[Math.floor(share * (values.length - 1))];
const tell = (name, value, unit) => console.log([name, value.toFixed(1), unit].join('\t'));

const browser = await openBrowser();
async function freshPage() {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  await context.addInitScript(() => {
    localStorage.setItem('ketavigil.guided', '2020-01-01T00:00:00Z');
    // Painted: looked for after every change of the document, noted in the frame that follows it.
    window.firstSeen = (selector) => new Promise((resolve) => {
      const seen = () => document.querySelector(selector) !== null;
      const note = () => requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now())));
      if (seen()) return note();
      const watch = new MutationObserver(() => {
        if (!seen()) return;
        watch.disconnect();
        note();
      });
      watch.observe(document, { childList: true, subtree: true });
    });
  });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  return page;
}

for (const [name, path, selector] of pages) {
  const times = [];
  for (let i = 0; i < Number(repeats); i++) {
    const page = await freshPage();
    await page.addInitScript((wanted) => { window.usefulAt = window.firstSeen(wanted); }, selector);
    await page.goto(url + path, { waitUntil: 'commit' });
    times.push(await page.evaluate(() => window.usefulAt));
    await page.context().close();
  }
  tell(`useful paint: ${name}`, quantile(times, 0.5), 'ms');
}

const page = await freshPage();
await page.goto(`${url}/cases`);
await page.locator('.row[data-item] .level').first().waitFor();
const { gaps, rows } = await page.locator('.table-box').evaluate(async (box, steps) => {
  const gaps = [];
  let rows = 0;
  const far = (box.scrollHeight - box.clientHeight) / steps;
  let last = performance.now();
  for (let step = 0; step < steps; step++) {
    box.scrollTop += far;
    await new Promise(requestAnimationFrame);
    const now = performance.now();
    gaps.push(now - last);
    last = now;
    rows = Math.max(rows, document.querySelectorAll('.row[data-item]').length);
  }
  return { gaps, rows };
}, scrollSteps);
tell('scrolling all cases: a frame, median', quantile(gaps, 0.5), 'ms');
tell('scrolling all cases: a frame, 95 of 100', quantile(gaps, 0.95), 'ms');
tell('scrolling all cases: rows in the document, at most', rows, 'rows');
await page.locator('.row[data-item] .level').first().waitFor();
await browser.close();
