// All tests of the console, in one process, over one service and one browser.

import './world.mjs';
import './numbers.mjs';
import './morning.mjs';
import './lists.mjs';
import './live.mjs';
import './hostile.mjs';
import './access.mjs';
import './plots.mjs';
