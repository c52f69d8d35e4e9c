import { evolutionOrigin, wahaOrigin } from './suites/move-in/origin.ts';
import { describeMoveIn } from './suites/move-in.ts';

describeMoveIn(evolutionOrigin, 4);
describeMoveIn(wahaOrigin, 4);
