import type { Ui } from '../looks/ui.ts';
import type { InstanceView } from './instances/read.ts';

export type InstanceState = 'inactive' | 'activating' | 'active' | 'error' | 'disconnected' | 'paused' | 'unknown';

const LOOKS: Readonly<Record<InstanceState, string>> = {
  inactive: 'idle',
  activating: 'busy',
  active: 'good',
  error: 'bad',
  disconnected: 'busy',
  paused: 'idle',
  unknown: 'idle',
};

/** How an instance is, in one word. What the bridge knows comes before what was recorded. */
export function stateOf({ integration, overview, isActivating }: InstanceView): InstanceState {
  if (isActivating) return 'activating';
  if (integration === undefined) return 'inactive';
  if (overview.kind === 'away') return 'unknown';
  if (overview.kind === 'absent') return 'error';
  const { status, phone_state: phone } = overview.value;
  if (status === 'active' && phone !== '') return 'disconnected';
  return status;
}

export const Status = ({ ui, state }: { ui: Ui; state: InstanceState }) => (
  <span class={`pill ${LOOKS[state]}`}>{ui.t.status[state]}</span>
);
