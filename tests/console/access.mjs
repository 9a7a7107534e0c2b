// Everybody can read it: axe over every page, light and dark, laptop and phone.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { daysAgo, openPage, seriousIn } from './support.mjs';
import { world } from './world.mjs';

/** Of a phone only those whose layout is another. */
async function pages(all) {
  const { service } = world;
  const one = async (filter) => (await service.ask(`cases?limit=1&${filter}`)).cases[0];
  const [newest, drift] = [await one('sort=updated'), await one('sort=level')];
  const { quarantine } = await service.ask('quarantine?limit=1&state=waiting');
  const main = [`/?since=${daysAgo(90).toISOString().slice(0, 10)}`, '/cases', `/cases/${drift.case}`, `/patients/${encodeURIComponent(drift.patient)}?as-of=${daysAgo(40).toISOString().slice(0, 10)}`, '/programme?by=site', '/feeds'];
  return all ? [...main, '/', `/patients/${encodeURIComponent(newest.patient)}`, `/quarantine/${quarantine[0].id}`, '/sign-in?why=expired', '/cases/0000', '/cases?search=nothing+at+all'] : main;
}

for (const [name, look] of [['laptop_light', { dark: false }], ['laptop_dark', { dark: true }], ['phone_dark', { dark: true, width: 390, height: 844 }]]) {
  test(`axe_finds_nothing_serious_on_any_page_of_a_${name}`, async () => {
    const wrong = [];
    const page = await openPage(world.browser, `${world.service.url}/sign-in`, { ...look, looked: daysAgo(7).toISOString() });
    for (const path of await pages(look.width === undefined)) {
      await page.goto(world.service.url + path);
      await page.waitForFunction(() => document.querySelector('h1') && !document.querySelector('.loading, .known-old'));
      wrong.push(...(await seriousIn(page)).map((one) => `${path}: ${one}`));
      if (await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth)) wrong.push(`${path} is wider than the window`);
      if (!/Ketavigil/.test(await page.title())) wrong.push(`${path} has no title`);
    }
    assert.deepEqual(wrong, []);
    await page.context().close();
  });
}

test('axe_finds_nothing_serious_in_the_guide_the_keys_and_a_question', async () => {
  const { service, browser } = world;
  const page = await openPage(browser, service.url, { guided: false });
  await page.getByText('Step 1 of 5').waitFor();
  assert.deepEqual(await seriousIn(page), [], 'the guide');
  await page.keyboard.press('?');
  await page.getByRole('dialog').waitFor();
  assert.deepEqual(await seriousIn(page), [], 'the keys');
  await page.keyboard.press('Escape');
  const { quarantine } = await service.ask('quarantine?limit=1&state=waiting');
  await page.goto(`${service.url}/quarantine/${quarantine[0].id}`);
  await page.getByRole('button', { name: 'Discard…' }).click();
  await page.getByRole('dialog').waitFor();
  assert.deepEqual(await seriousIn(page), [], 'the question');
  await page.context().close();
});
