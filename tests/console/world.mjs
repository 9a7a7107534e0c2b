// The one service and the one browser that all tests of the console use.

import { after, before } from 'node:test';
import { openBrowser, Programme, Service } from './support.mjs';

export const world = { programme: null, service: null, browser: null };

before(async () => {
  world.programme = new Programme({ patients: 40, months: 6, seed: 7 });
  world.service = new Service(world.programme);
  await world.service.start();
  world.browser = await openBrowser();
}, { timeout: 120_000 });

after(async () => {
  await world.browser?.close();
  await world.service?.stop();
  world.programme?.remove();
});
