// Writes every page of the console, light and dark, on a laptop and a phone: dashboards/console/screenshots FOLDER.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { crisis, daysAgo, openBrowser, openPage, Programme, Service } from './support.mjs';

const [folder, only] = process.argv.slice(2);
const wanted = new RegExp(only ?? '.');
if (!folder) {
  console.error('usage: dashboards/console/screenshots FOLDER');
  process.exit(1);
}
mkdirSync(folder, { recursive: true });

const looks = [
  { name: 'laptop-light', width: 1440, height: 900, dark: false }, { name: 'laptop-dark', width: 1440, height: 900, dark: true },
  { name: 'phone-light', width: 390, height: 844, dark: false }, { name: 'phone-dark', width: 390, height: 844, dark: true },
];

const programme = new Programme({ patients: 200, months: 12, seed: 1 });
const service = new Service(programme);
let browser;
try {
  await service.start();
  const known = (await service.ask('cases?limit=1&sort=updated')).cases[0].patient;
  await service.post(crisis(known, 'bp-today'), { ...crisis('p-demo', 'hr-today'), kind: 'vital', name: 'spo2', value: 86, unit: '%' });
  await new Promise((resolve) => setTimeout(resolve, 500));
  const first = async (filter) => (await service.ask(`cases?limit=1&${filter}`)).cases[0]?.case;
  const cases = { crisis: await first('detector=BP-3'), drift: await first('detector=COG-8'), dose: await first('detector=DEP-1&sort=level'), bladder: await first('detector=URO-3'), resting: await first('detector=BP-8'), liver: await first('detector=DEP-10') };
  const entry = (await service.ask('quarantine?state=waiting&limit=1')).quarantine[0]?.id;
  const pages = [
    ['today', '/'], ['cases', '/cases'], ['cases-critical', '/cases?level=critical&sort=onset'],
    ...Object.entries(cases).filter(([, name]) => name).map(([what, name]) => [`case-${what}`, `/cases/${name}`]),
    ['patient', `/patients/${known}`], ['patient-then', `/patients/${known}?as-of=${daysAgo(60).toISOString().slice(0, 10)}`],
    ['programme', '/programme'], ['feeds', '/feeds'], ...(entry ? [['quarantine', `/quarantine/${entry}`]] : []),
    ['sign-in', '/sign-in?why=expired'], ['nowhere', '/cases/0000000000000000'],
  ];
  browser = await openBrowser();
  for (const look of looks) {
    for (const [name, path] of pages) {
      if (!wanted.test(`${name}-${look.name}`)) continue;
      const page = await openPage(browser, service.url + path, { ...look, looked: daysAgo(7).toISOString() });
      await page.waitForFunction(() => document.querySelector('h1') && !document.querySelector('.loading, .known-old'));
      await page.waitForTimeout(400);
      await page.screenshot({ path: join(folder, `${name}-${look.name}.png`) });
      if (!['cases', 'cases-critical'].includes(name)) await page.screenshot({ path: join(folder, `${name}-${look.name}-whole.png`), fullPage: true });
      await page.context().close();
    }
    if (!wanted.test(`guide-${look.name}`)) continue;
    const page = await openPage(browser, service.url, { ...look, guided: false, looked: daysAgo(7).toISOString() });
    await page.waitForSelector('.counts');
    await page.screenshot({ path: join(folder, `guide-${look.name}.png`) });
    await page.keyboard.press('?');
    await page.screenshot({ path: join(folder, `keys-${look.name}.png`) });
    await page.context().close();
  }
} finally {
  await browser?.close();
  await service.stop();
  programme.remove();
}
