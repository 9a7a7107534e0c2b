// Cases: the address is the filter, and of a hundred thousand only what is visible is in the document.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openPage } from './support.mjs';
import { world } from './world.mjs';

test('a_filter_is_its_address', async () => {
  const { service, browser } = world;
  const { detector } = (await service.ask('cases?level=alert&limit=1')).cases[0];
  const { total } = await service.ask(`cases?level=alert&detector=${detector}&limit=1`);
  const page = await openPage(browser, `${service.url}/cases?level=alert&detector=${detector}&sort=onset&order=asc`);
  await page.locator('.row[data-item] .level').first().waitFor();
  assert.equal(await page.locator('.total').innerText(), `${total} ${total === 1 ? 'case' : 'cases'}`);
  assert.equal(await page.locator('select[name=level]').inputValue(), 'alert');
  assert.equal(await page.locator('select[name=detector]').inputValue(), detector);
  assert.equal(await page.locator('[aria-sort=ascending]').innerText(), 'Onset ↑');
  for (const text of await page.locator('.row[data-item] .detector').allInnerTexts()) assert.equal(text, detector);
  const times = await page.locator('.row[data-item] .cell-onset time').evaluateAll((all) => all.map((one) => one.dateTime));
  assert.deepEqual(times, [...times].sort());

  await page.locator('select[name=state]').selectOption('superseded');
  await page.waitForURL(/state=superseded/);
  await page.getByRole('button', { name: 'Remove the filter detector' }).click();
  await page.waitForURL((url) => !url.search.includes('detector'));
  await page.getByRole('columnheader', { name: 'Level' }).getByRole('button').click();
  await page.waitForURL(/sort=level/);
  await page.getByPlaceholder('case, patient, detector, site').fill('no such case at all');
  await page.getByText('No case matches').waitFor();
  assert.match(page.url(), /search=no\+such\+case\+at\+all/);
  await page.context().close();
});

test('going_back_finds_the_list_where_it_was_left', async () => {
  const page = await openPage(world.browser, `${world.service.url}/cases`);
  await page.locator('.row[data-item] .level').first().waitFor();
  await page.locator('.table-box').evaluate((box) => { box.scrollTop = 6000; });
  await page.waitForFunction(() => document.querySelector('.row[data-index="140"] [data-open]'));
  await page.waitForTimeout(350);
  await page.locator('.row[data-index="140"] [data-open]').click();
  await page.locator('.reason-sentence').waitFor();
  await page.keyboard.press('u');
  await page.waitForFunction(() => document.querySelector('.row[data-index="140"] [data-open]'));
  assert.ok(Math.abs((await page.locator('.table-box').evaluate((box) => box.scrollTop)) - 6000) < 60);
  await page.context().close();
});

test('of_a_hundred_thousand_cases_only_the_visible_rows_are_in_the_document', async () => {
  const page = await openPage(world.browser, `${world.service.url}/feeds`);
  const asked = [];
  const [model] = (await world.service.ask('cases?limit=1')).cases;
  await page.route('**/api/v1/cases?*', (route) => {
    const search = new URL(route.request().url()).searchParams;
    const [offset, limit] = [Number(search.get('offset')), Number(search.get('limit'))];
    asked.push(offset);
    const cases = Array.from({ length: limit }, (_, i) => ({ ...model, case: `case-${offset + i}`, patient: `p-${offset + i}` }));
    return route.fulfill({ json: { at: model.updated, total: 100_000, cases, next: null } });
  });
  await page.goto(`${world.service.url}/cases`);
  await page.getByText('p-0', { exact: true }).waitFor();
  assert.equal(await page.locator('.total').innerText(), '100,000 cases');
  const rows = () => page.locator('.row[data-item]').count();
  assert.ok((await rows()) < 60, `${await rows()} rows`);
  const frames = await page.locator('.table-box').evaluate(async (box) => {
    const gaps = [];
    let last = performance.now();
    for (let step = 0; step < 120; step++) {
      box.scrollTop += 30_000;
      await new Promise(requestAnimationFrame);
      const now = performance.now();
      gaps.push(now - last);
      last = now;
    }
    return gaps.sort((a, b) => a - b);
  });
  assert.ok(frames[Math.floor(frames.length * 0.5)] < 50, `the median frame while scrolling took ${frames[60]} ms`);
  await page.locator('.table-box').evaluate((box) => { box.scrollTop = 44 * 70_000; });
  await page.getByText('p-70000', { exact: true }).waitFor();
  assert.ok((await rows()) < 60);
  assert.ok(asked.length < 120, `what is scrolled past is not asked for: ${asked.length} requests`);
  await page.context().close();
});
