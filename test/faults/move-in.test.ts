import { evolutionOrigin, wahaOrigin } from '../e2e/suites/move-in/origin.ts';
import { describeMoveIn } from '../e2e/suites/move-in.ts';

describeMoveIn(evolutionOrigin, 20);
describeMoveIn(wahaOrigin, 10);
