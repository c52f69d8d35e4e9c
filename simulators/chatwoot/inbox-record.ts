import type { Features } from './features.ts';
import { validationTexts as texts } from './locale.ts';
import { flag, isBlank, isObject, lengthOf, map, type Params, text } from './params.ts';
import { crash, ValidationFailure } from './replies.ts';
import type { InboxRow } from './rows.ts';

type Failure = { attribute: string; message: string };
type ChannelFields = Pick<InboxRow, 'webhookUrl' | 'hmacMandatory' | 'additionalAttributes'>;
type InboxFields = Omit<
  InboxRow,
  | keyof ChannelFields
  | 'id'
  | 'accountId'
  | 'channelId'
  | 'channelType'
  | 'identifier'
  | 'hmacToken'
  | 'secret'
  | 'memberIds'
  | 'agentBotId'
  | 'deleteAt'
  | 'createdAt'
  | 'updatedAt'
>;

export const defaultInboxFields: InboxFields = {
  name: '',
  greetingEnabled: false,
  greetingMessage: null,
  workingHoursEnabled: false,
  enableEmailCollect: true,
  csatSurveyEnabled: false,
  csatConfig: {},
  enableAutoAssignment: true,
  autoAssignmentConfig: {},
  outOfOfficeMessage: null,
  timezone: 'UTC',
  allowMessagesAfterResolved: true,
  lockToSingleConversation: false,
  senderNameType: 'friendly',
  businessName: null,
};

export const defaultChannelFields: ChannelFields = { webhookUrl: null, hmacMandatory: false, additionalAttributes: {} };

/** Text of a top-level inbox field: Chatwoot turns the string `"null"` into null. */
function inboxText(params: Params, key: string): string | null | undefined {
  const value = text(params, key);
  return value === 'null' ? null : value;
}

function senderNameType(params: Params, before: InboxFields['senderNameType']): InboxFields['senderNameType'] {
  const value = inboxText(params, 'sender_name_type');
  if (value === undefined || value === null) return before;
  if (value === 'friendly' || value === 'professional') return value;
  throw crash();
}

const orBefore = <T>(value: T | undefined, before: T): T => (value === undefined ? before : value);

/** The fields of an inbox after a create or an update; unknown parameters are ignored, absent ones keep their value. */
export function readInbox(params: Params, before: InboxFields): InboxFields {
  // A portal that does not exist violates a foreign key, and this installation has none.
  if (!isBlank(inboxText(params, 'portal_id'))) throw crash();
  return {
    name: orBefore(inboxText(params, 'name'), before.name) ?? '',
    greetingEnabled: flag(params, 'greeting_enabled') ?? before.greetingEnabled,
    greetingMessage: orBefore(inboxText(params, 'greeting_message'), before.greetingMessage),
    workingHoursEnabled: flag(params, 'working_hours_enabled') ?? before.workingHoursEnabled,
    enableEmailCollect: flag(params, 'enable_email_collect') ?? before.enableEmailCollect,
    csatSurveyEnabled: flag(params, 'csat_survey_enabled') ?? before.csatSurveyEnabled,
    csatConfig: map(params, 'csat_config') ?? before.csatConfig,
    enableAutoAssignment: flag(params, 'enable_auto_assignment') ?? before.enableAutoAssignment,
    autoAssignmentConfig: before.autoAssignmentConfig,
    outOfOfficeMessage: orBefore(inboxText(params, 'out_of_office_message'), before.outOfOfficeMessage),
    timezone: orBefore(inboxText(params, 'timezone'), before.timezone) ?? '',
    allowMessagesAfterResolved: flag(params, 'allow_messages_after_resolved') ?? before.allowMessagesAfterResolved,
    lockToSingleConversation: flag(params, 'lock_to_single_conversation') ?? before.lockToSingleConversation,
    senderNameType: senderNameType(params, before.senderNameType),
    businessName: orBefore(inboxText(params, 'business_name'), before.businessName),
  };
}

/** The channel's fields. Chatwoot checks no syntax, scheme or reachability of the webhook's address; only its length. */
export function readChannel(params: Params, before: ChannelFields): ChannelFields {
  const { additional_attributes: attributes } = params;
  return {
    webhookUrl: orBefore(text(params, 'webhook_url'), before.webhookUrl),
    hmacMandatory: flag(params, 'hmac_mandatory') ?? before.hmacMandatory,
    additionalAttributes: attributes === null ? {} : isObject(attributes) ? attributes : before.additionalAttributes,
  };
}

/** Fails with the channel's validation errors, which Chatwoot meets before the inbox's. */
export function validateChannel(channel: ChannelFields): void {
  const failures: Failure[] = [];
  if (lengthOf(channel.webhookUrl ?? '') > 2048) {
    failures.push({ attribute: 'webhook_url', message: `Webhook url ${texts.tooLong(2048)}` });
  }
  const window = channel.additionalAttributes.agent_reply_time_window;
  if (window !== undefined && window !== null && window !== '' && !(Number(window) > 0)) {
    failures.push({
      attribute: 'agent_reply_time_window',
      message: 'Agent reply time window agent_reply_time_window must be greater than 0',
    });
  }
  if (failures.length > 0) throw new ValidationFailure(failures);
}

function isTimezone(name: string): boolean {
  // The usual answer, and a formatter is costly to make.
  if (name === 'UTC') return true;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}

/** The format of 2.7.0 to 4.2.x: some line starts and ends with a word character and has none of the five signs between. */
const oldNameFormat = /^\b[^/\\<>@]*\b$/m;

/** Fails with the inbox's validation errors, all at once. */
export function validateInbox(inbox: InboxFields, features: Features): void {
  // The database's driver throws for it, and nothing catches that here.
  if (inbox.name.includes('\0')) throw crash();
  const failures: Failure[] = [];
  const tooLong = (attribute: string, label: string, value: string | null, limit: number) => {
    if (lengthOf(value ?? '') > limit) failures.push({ attribute, message: `${label} ${texts.tooLong(limit)}` });
  };
  if (isBlank(inbox.name)) failures.push({ attribute: 'name', message: `Name ${texts.blank}` });
  if (features.inboxNameFormat && !oldNameFormat.test(inbox.name)) {
    failures.push({
      attribute: 'name',
      message: 'Name should not start or end with symbols, and it should not have < > / \\ @ characters.',
    });
  }
  if (!isTimezone(inbox.timezone)) failures.push({ attribute: 'timezone', message: `Timezone ${texts.notInList}` });
  tooLong('name', 'Name', inbox.name, 255);
  tooLong('greeting_message', 'Greeting message', inbox.greetingMessage, 10_000);
  tooLong('out_of_office_message', 'Out of office message', inbox.outOfOfficeMessage, 10_000);
  if (failures.length > 0) throw new ValidationFailure(failures);
}
