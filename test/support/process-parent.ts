// Starts a process that would run for ever, and waits to be killed: for the test that the child dies with it.
import { spawnProcess } from './process.ts';

const child = await spawnProcess(
  {
    name: 'child',
    command: process.execPath,
    args: ['-e', `console.log('ready'); setInterval(() => {}, 1000)`],
    readyWhen: /ready/,
  },
  () => {},
);
console.log(`child ${child.pid}`);
