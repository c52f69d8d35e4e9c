import type { Features } from './features.ts';
import type { InboxRow, JsonObject } from './rows.ts';
import { isoTime } from './times.ts';

const dayView = (day: number): JsonObject => {
  const open = day > 0 && day < 6;
  return {
    day_of_week: day,
    closed_all_day: !open,
    open_hour: open ? 9 : null,
    open_minutes: open ? 0 : null,
    close_hour: open ? 17 : null,
    close_minutes: open ? 0 : null,
    open_all_day: false,
  };
};

/** Keys that only web widgets, mail and telephone channels fill; an API inbox shows them all, as null. */
const foreignChannelKeys = (inbox: InboxRow): JsonObject => ({
  allowed_domains: null,
  widget_color: null,
  website_url: null,
  hmac_mandatory: inbox.hmacMandatory,
  welcome_title: null,
  welcome_tagline: null,
  web_widget_script: null,
  website_token: null,
  selected_feature_flags: null,
  reply_time: null,
  messaging_service_sid: null,
  phone_number: null,
});

/** An inbox in full. The two secrets are shown to administrators only, and `secret` exists since 4.13.0. */
export function inboxView(inbox: InboxRow, features: Features, administrator: boolean): JsonObject {
  return {
    id: inbox.id,
    avatar_url: '',
    channel_id: inbox.channelId,
    name: inbox.name,
    channel_type: inbox.channelType,
    greeting_enabled: inbox.greetingEnabled,
    greeting_message: inbox.greetingMessage,
    working_hours_enabled: inbox.workingHoursEnabled,
    enable_email_collect: inbox.enableEmailCollect,
    csat_survey_enabled: inbox.csatSurveyEnabled,
    ...(features.fullRecords ? { csat_config: inbox.csatConfig } : {}),
    enable_auto_assignment: inbox.enableAutoAssignment,
    auto_assignment_config: inbox.autoAssignmentConfig,
    out_of_office_message: inbox.outOfOfficeMessage,
    working_hours: [0, 1, 2, 3, 4, 5, 6].map(dayView),
    timezone: inbox.timezone,
    callback_webhook_url: null,
    allow_messages_after_resolved: inbox.allowMessagesAfterResolved,
    lock_to_single_conversation: inbox.lockToSingleConversation,
    sender_name_type: inbox.senderNameType,
    business_name: inbox.businessName,
    ...foreignChannelKeys(inbox),
    ...(administrator ? { hmac_token: inbox.hmacToken } : {}),
    ...(administrator && features.signedWebhooks ? { secret: inbox.secret } : {}),
    webhook_url: inbox.webhookUrl,
    inbox_identifier: inbox.identifier,
    additional_attributes: inbox.additionalAttributes,
    provider: null,
  };
}

/** An inbox inside a contact's list of addresses. */
export const slimInboxView = (inbox: InboxRow): JsonObject => ({
  id: inbox.id,
  avatar_url: '',
  channel_id: inbox.channelId,
  name: inbox.name,
  channel_type: inbox.channelType,
  provider: null,
});

/** The bare database record, which the answer to `POST contacts` shows. */
export const rawInboxView = (inbox: InboxRow, features: Features): JsonObject => ({
  id: inbox.id,
  channel_id: inbox.channelId,
  account_id: inbox.accountId,
  name: inbox.name,
  created_at: isoTime(inbox.createdAt),
  updated_at: isoTime(inbox.updatedAt),
  channel_type: inbox.channelType,
  enable_auto_assignment: inbox.enableAutoAssignment,
  greeting_enabled: inbox.greetingEnabled,
  greeting_message: inbox.greetingMessage,
  email_address: null,
  working_hours_enabled: inbox.workingHoursEnabled,
  out_of_office_message: inbox.outOfOfficeMessage,
  timezone: inbox.timezone,
  enable_email_collect: inbox.enableEmailCollect,
  csat_survey_enabled: inbox.csatSurveyEnabled,
  allow_messages_after_resolved: inbox.allowMessagesAfterResolved,
  auto_assignment_config: inbox.autoAssignmentConfig,
  lock_to_single_conversation: inbox.lockToSingleConversation,
  portal_id: null,
  sender_name_type: inbox.senderNameType,
  business_name: inbox.businessName,
  ...(features.fullRecords ? { csat_config: inbox.csatConfig } : {}),
});
