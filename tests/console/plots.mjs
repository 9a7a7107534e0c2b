// The plots of findings that a simulated programme of some months does not have: each is drawn from facts made for it.

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { test } from 'node:test';
import { daysAgo, openPage } from './support.mjs';
import { world } from './world.mjs';

const start = daysAgo(400).getTime();
const facts = [];
/** A fact of a patient, so many days after the start. */
function tell(patient, kind, days, fields) {
  const at = (ms) => new Date(ms).toISOString();
  const ms = start + days * 86_400_000;
  facts.push({ source: 'clinic-03', id: `plot-${facts.length}`, patient, kind, effective: at(ms), recorded: at(ms + 3_600_000), site: 'site-03', ...fields });
}
function course(patient, sessions, everyDays) {
  tell(patient, 'enrolment', -20, { birth_year: 1980, sex: 'female' });
  for (let i = 0; i < sessions; i++) {
    tell(patient, 'session', i * everyDays, { compound: 'esketamine', route: 'IN', dose_mg: 56, monitored_min: 125 });
    for (const [minutes, systolic] of [[-10, 124], [40, 138], [110, 126]]) tell(patient, 'blood_pressure', i * everyDays + minutes / 1440, { systolic, diastolic: 80 });
  }
}
function bladder() {
  course('plot-bladder', 20, 3.5);
  for (let i = 0; i < 6; i++) tell('plot-bladder', 'symptom', 20 + 3 * i, { code: 'urgency', severity: 2 });
  tell('plot-bladder', 'symptom', 40, { code: 'haematuria-gross', severity: 2 });
  for (const [days, value] of [[50, 0.9], [56, 0.95], [57, 1.6]]) tell('plot-bladder', 'lab', days, { code: '2160-0', value, unit: 'mg/dL' });
  tell('plot-bladder', 'condition', 60, { code: 'http://snomed.info/sct|197834003' });
}
function others() {
  course('plot-often', 40, 2.5);
  // By another route they are not counted.
  for (let i = 0; i < 10; i++) tell('plot-often', 'session', 70.2 + i, { compound: 'esketamine', route: 'IV', dose_mg: 28 });
  course('plot-craving', 10, 7);
  for (const [days, value] of [[-0.1, 1], [14.1, 2], [28.1, 4.5], [45.1, 6], [60.1, 7]]) tell('plot-craving', 'score', days, { instrument: 'craving-vas', value });
  course('plot-danger', 3, 7);
  for (const [minutes, value] of [[20, 97], [35, 88], [50, 93]]) tell('plot-danger', 'vital', minutes / 1440, { name: 'spo2', value, unit: '%' });
  for (const [minutes, value] of [[20, 80], [35, 138], [50, 90]]) tell('plot-danger', 'vital', 7 + minutes / 1440, { name: 'heart-rate', value, unit: '/min' });
  course('plot-memory', 30, 7);
  for (const [days, value] of [[-15, 27], [-8, 26], [-2, 27]]) tell('plot-memory', 'score', days, { instrument: 'moca', value });
  for (let i = 0; i < 12; i++) tell('plot-memory', 'score', 3 + i * 14, { instrument: 'moca', value: i < 3 ? 27 : 19 });
}

// Where what is measured is no plain value: a rise is no level, and a count has its window.
const expectedWords = {
  'URO-6 creatinine': /Creatinine rose to 1\.6 mg\/dL: 0\.65 mg\/dL above the lowest of the 48 hours before, 1\.78 times the lowest of the 7 days before\.[^]*0\.3 above the lowest of the 48 hours before 1\.25[^]*creatinine\s+1\.6 mg\/dL\s+lowest before ratio at[^]*lowest before rise\s+0\.95 mg\/dL/,
  'BP-9 heart-rate': /heart rate high\t?\s*130 per minute/,
  'DEP-3 cumulative': /There were 12 sessions in 28 days, 85 days after the first; the limit in force is 6[^]*Sessions in the 28 days before each/,
  'BP-9 spo2': /Oxygen saturation over time/,
};

test('findings_of_every_kind_show_what_they_rest_on', async () => {
  const { service, browser } = world;
  bladder();
  others();
  const answers = await service.post(...facts);
  assert.deepEqual(answers.filter((one) => one.outcome !== 'accepted').map((one) => JSON.stringify(one)), []);
  const folder = process.env.KETAVIGIL_SCREENSHOTS;
  if (folder) mkdirSync(folder, { recursive: true });
  for (const [patient, detector] of [
    ['plot-bladder', 'URO-3'], ['plot-bladder', 'URO-4'], ['plot-bladder', 'URO-6'], ['plot-bladder', 'URO-8'], ['plot-often', 'DEP-3'],
    ['plot-craving', 'DEP-7'], ['plot-danger', 'BP-9'], ['plot-memory', 'COG-6'], ['plot-memory', 'COG-8'],
  ]) {
    const { cases } = await service.ask(`cases?patient=${patient}&detector=${detector}&limit=10`);
    assert.ok(cases.length > 0, `${detector} of ${patient}`);
    for (const one of cases) {
      const page = await openPage(browser, `${service.url}/cases/${one.case}`);
      const plots = page.locator('section[aria-label="What shows it"] canvas');
      await plots.first().waitFor();
      assert.deepEqual(page.complaints, [], `${detector} ${one.statistic.name}`);
      // Something is drawn besides the axes' background.
      const inked = await plots.first().evaluate((canvas) => {
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        const colours = new Set();
        for (let i = 0; i < data.length; i += 4) if (data[i + 3] > 200) colours.add((data[i] >> 4) * 256 + (data[i + 1] >> 4) * 16 + (data[i + 2] >> 4));
        return colours.size;
      });
      assert.ok(inked > 4, `${detector} ${one.statistic.name}: ${inked} colours`);
      const said = expectedWords[`${detector} ${one.statistic.name}`];
      if (said) assert.match(await page.locator('main').innerText(), said, `${detector} ${one.statistic.name}`);
      if (detector === 'DEP-3') assert.match(await page.locator('.plot-box').first().getAttribute('aria-label'), /sessions: 40 values from 1 to 12/);
      if (folder) await page.screenshot({ path: `${folder}/${detector}-${one.statistic.name}.png`, fullPage: true });
      await page.context().close();
    }
  }
});
