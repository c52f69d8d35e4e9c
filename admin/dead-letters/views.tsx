import type { DeadLetter, DeadLetterQuery } from '../../shared/contracts/dead-letters.ts';
import { SearchButtons } from '../looks/search-buttons.tsx';
import { Ago } from '../looks/times.tsx';
import type { Ui } from '../looks/ui.ts';

export const SECTION = '/admin/dead-letters';
const directionsOf = ({ t }: Ui) => ({ to_chatwoot: t.instance.toChatwoot, to_whatsapp: t.instance.toWhatsapp });

interface ListProps {
  readonly ui: Ui;
  readonly query: DeadLetterQuery;
  readonly letters: readonly DeadLetter[];
  readonly next: string | undefined;
}

export function LetterList({ ui, query, letters, next }: ListProps) {
  const { t } = ui;
  return (
    <>
      <p class="lead narrow">{t.operators.deadLettersWhat}</p>
      <SearchForm ui={ui} query={query} />
      {letters.length === 0 ? <p class="card">{t.operators.nothingSetAside}</p> : <Table ui={ui} letters={letters} />}
      {next !== undefined && (
        <p class="actions">
          <a class="button" rel="next" href={`${SECTION}?${search({ ...query, after: next })}`}>
            {t.operators.older}
          </a>
        </p>
      )}
    </>
  );
}

/** What is known of one, above the question what to do with it. */
export const LetterFacts = ({ ui, letter }: { ui: Ui; letter: DeadLetter }) => (
  <dl>
    <dt>{ui.t.operators.instance}</dt>
    <dd>{letter.instance}</dd>
    <dt>{ui.t.instance.direction}</dt>
    <dd>{directionsOf(ui)[letter.direction]}</dd>
    <dt>{ui.t.instance.chat}</dt>
    <dd>{letter.chat}</dd>
    <dt>{ui.t.instance.since}</dt>
    <dd>
      <Ago ui={ui} at={new Date(letter.created_at)} />, {ui.t.operators.tries(letter.attempts)}
    </dd>
    <dt>{ui.t.instance.reason}</dt>
    <dd>{letter.reason}</dd>
    <dt>{ui.t.operators.id}</dt>
    <dd class="id">{letter.id}</dd>
  </dl>
);

function SearchForm({ ui, query }: { ui: Ui; query: DeadLetterQuery }) {
  const { t } = ui;
  return (
    <form class="search card" method="get" action={SECTION}>
      <label>
        {t.operators.instance} <input name="instance" value={query.instance ?? ''} maxlength={200} />
      </label>
      <label>
        {t.instance.direction}{' '}
        <select name="direction">
          <option value="">{t.operators.both}</option>
          {Object.entries(directionsOf(ui)).map(([value, name]) => (
            <option value={value} selected={value === query.direction}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <SearchButtons ui={ui} path={SECTION} />
    </form>
  );
}

function Table({ ui, letters }: { ui: Ui; letters: readonly DeadLetter[] }) {
  const { t } = ui;
  const heads = [t.operators.instance, t.instance.direction, t.instance.chat, t.instance.reason, t.instance.since];
  return (
    <div class="card flush wide">
      <table class="stack">
        <thead>
          <tr>
            {heads.map((head) => (
              <th scope="col">{head}</th>
            ))}
            <th scope="col" class="number">
              {t.instance.tries}
            </th>
            <th scope="col">
              <span class="hidden">{t.operators.what}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {letters.map((letter) => (
            <Row ui={ui} letter={letter} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

const Row = ({ ui, letter }: { ui: Ui; letter: DeadLetter }) => (
  <tr>
    <td data-label={ui.t.operators.instance}>{letter.instance}</td>
    <td data-label={ui.t.instance.direction} class="nowrap">
      {directionsOf(ui)[letter.direction]}
    </td>
    <td data-label={ui.t.instance.chat}>
      <span class="value">
        {letter.chat}
        {letter.conversation_id !== null && <span class="muted"> #{letter.conversation_id}</span>}
      </span>
    </td>
    <td data-label={ui.t.instance.reason}>
      <span class="value">{letter.reason}</span>
    </td>
    <td data-label={ui.t.instance.since} class="nowrap">
      <Ago ui={ui} at={new Date(letter.created_at)} />
    </td>
    <td data-label={ui.t.instance.tries} class="number">
      {letter.attempts}
    </td>
    <td>
      <Actions ui={ui} letter={letter} />
    </td>
  </tr>
);

function Actions({ ui: { t }, letter: { id, state, resendable } }: { ui: Ui; letter: DeadLetter }) {
  if (state === 'requested') return <span class="busy">{t.instance.isResent}</span>;
  return (
    <div class="buttons">
      {resendable ? (
        <a class="button quiet" href={`${SECTION}/${id}/resend`}>
          {t.operators.sendAgain}
        </a>
      ) : (
        <span class="muted">{t.instance.notResendable}</span>
      )}
      <a class="button quiet danger" href={`${SECTION}/${id}/discard`}>
        {t.operators.discard}
      </a>
    </div>
  );
}

function search(query: DeadLetterQuery): string {
  const given = Object.entries(query).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string' && entry[1] !== '',
  );
  return new URLSearchParams(given).toString();
}
