/**
 * DO NOT MODIFY - This file has been generated using oazapfts.
 * See https://www.npmjs.com/package/oazapfts
 */
import * as Oazapfts from "@oazapfts/runtime";
import * as QS from "@oazapfts/runtime/query";
export const defaults: Oazapfts.Defaults<Oazapfts.CustomHeaders> = {
    headers: {},
    baseUrl: "http://localhost:3000"
};
const oazapfts = Oazapfts.runtime(defaults);
export const servers = {
    server1: "http://localhost:3000"
};
/**
 * Activate Chatwoot for an instance
 */
export function activateChatwoot(instance: string, body: {
    /** Address of Chatwoot, http or https, without credentials, `?` or `#`. A slash at its end is dropped. */
    chatwootBaseUrl: string;
    /** Number of the account in Chatwoot: the one in its address, /app/accounts/5. */
    chatwootAccountId: number;
    /** Access token of an administrator of that account (Profile settings, Access token). Stored encrypted, never shown again. */
    chatwootApiToken: string;
    /** Name of the inbox. Default: `RyzeAPI`. */
    inboxName?: string | null;
    /** Number of an existing API inbox of that account, which is taken over instead of making one: its conversations go on, its name stays. Deactivation gives its webhook address back and never deletes it. */
    chatwootInboxId?: number | null;
    /** Messages of the last so many days (up to 30) are brought into Chatwoot once, where the engine can tell them (Evolution API; WAHA with its store): in order, with their times, without notifying anybody or reopening anything. Default: 0. */
    importHistoryDays?: number | null;
    /** Puts the name of the agent before every message: `*Name*:`. Default: false. */
    signMessages?: boolean | null;
    /** Keeps messages of groups out of Chatwoot. Default: false. */
    ignoreGroups?: boolean | null;
    /** New conversations are `pending` instead of `open`. Default: false. */
    startAsPending?: boolean | null;
    /** A new message reopens a resolved conversation instead of beginning another. Default: false. */
    reopenResolved?: boolean | null;
    /** Language of what Ponte writes to agents: notes, reasons why a message failed. Default: that of the Chatwoot account, else English. */
    language?: ("en" | "pt" | "es") | null;
    /** Where this request moves the integration to another account or another Chatwoot: deletes the old inbox **with its conversations**. Otherwise it stays there, see `previous_inbox`. Default: false. */
    deleteOldInbox?: boolean | null;
}, { idempotencyKey, prefer }: {
    idempotencyKey?: string;
    prefer?: string;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 201;
        data: {
            instance: string;
            status: "active";
            bridge_integration_id: string;
            message: "chatwoot integration activated";
            /** The inbox that a move to another account or another Chatwoot has left behind, with its conversations; replies written there are refused, and so shown as failed. Absent where nothing was left. Not part of RyzeAPI. */
            previous_inbox?: {
                id: number;
                name: string;
                chatwoot_base_url: string;
                chatwoot_account_id: number;
                message: string;
            };
            /** The import that `importHistoryDays` asked for; absent where none was. Not part of RyzeAPI. */
            history?: {
                days: number;
                /** `reading` and `handing_over` while it goes on, then `done`. `unsupported`: the engine cannot tell what was written before; `unable`: it is not set up to; `failed`: it could not be read to its end; `stopping`, `stopped`: a later activation asked for none. */
                state: "reading" | "handing_over" | "stopping" | "done" | "stopped" | "unsupported" | "unable" | "failed";
                /** Messages that the engine has told so far. */
                found: number;
                /** Of those the ones that are in Chatwoot or on their way there. */
                handed_over: number;
                finished_at: string | null;
                warnings: string[];
            };
            /** What to know of the WhatsApp engine, of a Chatwoot of an old release and of the import of history; absent where there is nothing. Not part of RyzeAPI. */
            warnings?: string[];
        };
    } | {
        status: 202;
        data: {
            instance: string;
            status: "pending";
            activation_id: string;
            message: string;
        };
    } | {
        status: 400;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "invalid_request" | "invalid_body" | "chatwoot_inbox_not_adoptable" | "chatwoot_account_not_found" | "chatwoot_endpoint_not_found" | "chatwoot_redirect" | "chatwoot_invalid_request" | "chatwoot_address_forbidden";
            };
        };
    } | {
        status: 401;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "missing_token" | "invalid_token" | "chatwoot_token_invalid" | "chatwoot_token_dropped";
            };
        };
    } | {
        status: 403;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "instance_token_mismatch" | "chatwoot_not_admin" | "chatwoot_not_member" | "chatwoot_account_suspended" | "chatwoot_bot_token" | "chatwoot_api_disabled" | "chatwoot_plan_limit" | "chatwoot_denied";
            };
        };
    } | {
        status: 404;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "instance_not_found";
            };
        };
    } | {
        status: 409;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "activation_conflict" | "idempotency_key_reused";
            };
        };
    } | {
        status: 413;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "body_too_large";
            };
        };
    } | {
        status: 415;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "unsupported_media_type";
            };
        };
    } | {
        status: 429;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "rate_limited";
            };
        };
    } | {
        status: 500;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "internal" | "persist_failed" | "job_unreadable" | "worker_lost" | "encryption_key_missing" | "decryption_failed";
            };
        };
    } | {
        status: 502;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "chatwoot_unreachable" | "chatwoot_unknown_host" | "chatwoot_tls_failed" | "chatwoot_failing" | "bridge_unreachable" | "bridge_timeout" | "bridge_wrong_address" | "bridge_refused" | "bridge_unauthorized" | "bridge_failing" | "bridge_stream_unavailable";
            };
        };
    } | {
        status: 503;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "shutting_down" | "database_unavailable" | "gateway_not_configured" | "too_many_large_requests" | "chatwoot_busy" | "chatwoot_rate_limited" | "bridge_busy" | "queue_unavailable" | "overloaded" | "activation_left_running";
            };
        };
    } | {
        status: 504;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "activation_expired" | "activation_timeout";
            };
        };
    }>(`/api/chatwoot/set/${encodeURIComponent(instance)}`, oazapfts.json({
        ...opts,
        method: "POST",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey,
            Prefer: prefer
        })
    }));
}
/**
 * Tell whether settings would activate
 */
export function checkChatwoot(instance: string, body: {
    /** Address of Chatwoot, http or https, without credentials, `?` or `#`. A slash at its end is dropped. */
    chatwootBaseUrl: string;
    /** Number of the account in Chatwoot: the one in its address, /app/accounts/5. */
    chatwootAccountId: number;
    /** Access token of an administrator of that account (Profile settings, Access token). Stored encrypted, never shown again. */
    chatwootApiToken: string;
    /** Name of the inbox. Default: `RyzeAPI`. */
    inboxName?: string | null;
    /** Number of an existing API inbox of that account, which is taken over instead of making one: its conversations go on, its name stays. Deactivation gives its webhook address back and never deletes it. */
    chatwootInboxId?: number | null;
    /** Messages of the last so many days (up to 30) are brought into Chatwoot once, where the engine can tell them (Evolution API; WAHA with its store): in order, with their times, without notifying anybody or reopening anything. Default: 0. */
    importHistoryDays?: number | null;
    /** Puts the name of the agent before every message: `*Name*:`. Default: false. */
    signMessages?: boolean | null;
    /** Keeps messages of groups out of Chatwoot. Default: false. */
    ignoreGroups?: boolean | null;
    /** New conversations are `pending` instead of `open`. Default: false. */
    startAsPending?: boolean | null;
    /** A new message reopens a resolved conversation instead of beginning another. Default: false. */
    reopenResolved?: boolean | null;
    /** Language of what Ponte writes to agents: notes, reasons why a message failed. Default: that of the Chatwoot account, else English. */
    language?: ("en" | "pt" | "es") | null;
    /** Where this request moves the integration to another account or another Chatwoot: deletes the old inbox **with its conversations**. Otherwise it stays there, see `previous_inbox`. Default: false. */
    deleteOldInbox?: boolean | null;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            instance: string;
            ok: true;
            chatwoot_base_url: string;
            chatwoot_account_id: number;
            chatwoot_inbox_name: string;
            /** `create`: a new inbox. `change`: the integration and its inbox are changed in place. `move`: a new inbox elsewhere; `previous_inbox` says what becomes of the old one. */
            effect?: "create" | "adopt" | "change" | "move";
            /** The inbox that a move to another account or another Chatwoot has left behind, with its conversations; replies written there are refused, and so shown as failed. Absent where nothing was left. Not part of RyzeAPI. */
            previous_inbox?: {
                id: number;
                name: string;
                chatwoot_base_url: string;
                chatwoot_account_id: number;
                message: string;
            };
            /** That this Chatwoot is older than those Ponte is tested with, and what of the settings would have no effect; absent where there is nothing. */
            warnings?: string[];
            message: string;
        };
    } | {
        status: 400;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "invalid_request" | "invalid_body" | "chatwoot_inbox_not_adoptable" | "chatwoot_account_not_found" | "chatwoot_endpoint_not_found" | "chatwoot_redirect" | "chatwoot_invalid_request" | "chatwoot_address_forbidden";
            };
        };
    } | {
        status: 401;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "missing_token" | "invalid_token" | "chatwoot_token_invalid" | "chatwoot_token_dropped";
            };
        };
    } | {
        status: 403;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "instance_token_mismatch" | "chatwoot_not_admin" | "chatwoot_not_member" | "chatwoot_account_suspended" | "chatwoot_bot_token" | "chatwoot_api_disabled" | "chatwoot_plan_limit" | "chatwoot_denied";
            };
        };
    } | {
        status: 404;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "instance_not_found";
            };
        };
    } | {
        status: 413;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "body_too_large";
            };
        };
    } | {
        status: 415;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "unsupported_media_type";
            };
        };
    } | {
        status: 429;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "rate_limited";
            };
        };
    } | {
        status: 500;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "internal";
            };
        };
    } | {
        status: 502;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "chatwoot_unreachable" | "chatwoot_unknown_host" | "chatwoot_tls_failed" | "chatwoot_failing" | "bridge_unreachable" | "bridge_timeout" | "bridge_wrong_address" | "bridge_refused" | "bridge_unauthorized" | "bridge_failing" | "bridge_stream_unavailable";
            };
        };
    } | {
        status: 503;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "shutting_down" | "database_unavailable" | "gateway_not_configured" | "too_many_large_requests" | "chatwoot_busy" | "chatwoot_rate_limited" | "bridge_busy";
            };
        };
    }>(`/api/chatwoot/check/${encodeURIComponent(instance)}`, oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * Show the integration of an instance
 */
export function getChatwoot(instance: string, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            instance_name: string;
            status: "active" | "paused" | "error";
            bridge_integration_id: string;
            chatwoot_base_url: string;
            chatwoot_account_id: number;
            /** 0 while unknown. */
            chatwoot_inbox_id: number;
            chatwoot_inbox_name: string;
            /** Empty when healthy. */
            last_error: string;
            created_at: string;
            /** The inbox that a move to another account or another Chatwoot has left behind, with its conversations; replies written there are refused, and so shown as failed. Absent where nothing was left. Not part of RyzeAPI. */
            previous_inbox?: {
                id: number;
                name: string;
                chatwoot_base_url: string;
                chatwoot_account_id: number;
                message: string;
            };
            /** The import that `importHistoryDays` asked for; absent where none was. Not part of RyzeAPI. */
            history?: {
                days: number;
                /** `reading` and `handing_over` while it goes on, then `done`. `unsupported`: the engine cannot tell what was written before; `unable`: it is not set up to; `failed`: it could not be read to its end; `stopping`, `stopped`: a later activation asked for none. */
                state: "reading" | "handing_over" | "stopping" | "done" | "stopped" | "unsupported" | "unable" | "failed";
                /** Messages that the engine has told so far. */
                found: number;
                /** Of those the ones that are in Chatwoot or on their way there. */
                handed_over: number;
                finished_at: string | null;
                warnings: string[];
            };
            /** Not part of RyzeAPI. */
            engine: {
                kind: "ryzeapi" | "evolution" | "cloud" | "waha" | "whatsmeow" | "gowa";
                /** Null: the one that the operator has set. */
                url: string | null;
                /** What the instance is called there; null: by its own name. */
                name: string | null;
                /** Whether the engine delivers to Ponte by an address that Ponte has set itself. `not_set_by_ponte`: not active, or this kind cannot be told. */
                webhook: "set" | "pending" | "failing" | "not_set_by_ponte";
                warnings: string[];
                /** Deliveries that could not be read or did not prove their origin. */
                unread_events: number;
                last_unread: {
                    at: string;
                    reason: string;
                } | null;
                last_event_at: string | null;
            };
            /** Not part of RyzeAPI. */
            connection: {
                /** `connected`, or why it is not: `disconnected` (also while nobody has told: then `told` is empty and `changed_at` null), `logged_out`, `qr_ready` and others. */
                state: string;
                /** The engine’s own word. */
                told: string;
                changed_at: string | null;
            };
            /** What the bridge knows now; null where it does not. Not part of RyzeAPI. */
            live: {
                available: boolean;
            } | {
                available: true;
                token_valid: boolean | null;
                inbox_exists: boolean | null;
                webhook_url_is_ours: boolean | null;
                /** When and what of the inbox Ponte put right last, after somebody had changed it in Chatwoot: its webhook address, or the lock to a single conversation. */
                repaired: string | null;
                stream_connected: boolean | null;
                last_to_chatwoot_at: string | null;
                last_to_whatsapp_at: string | null;
                /** Events that Chatwoot does not have yet, counted up to 1000. */
                waiting_to_chatwoot: number;
                /** Age of the oldest of them; 0 where there is none. */
                waiting_to_chatwoot_seconds: number;
                /** Agents’ messages that have not left yet, counted up to 1000. */
                waiting_to_whatsapp: number | null;
                /** When a webhook of Chatwoot last arrived that was waited for: see verify. */
                proven_at: string | null;
            };
        };
    } | {
        status: 400;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "invalid_request";
            };
        };
    } | {
        status: 401;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "missing_token" | "invalid_token";
            };
        };
    } | {
        status: 403;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "instance_token_mismatch";
            };
        };
    } | {
        status: 404;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "instance_not_found" | "integration_not_found";
            };
        };
    } | {
        status: 429;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "rate_limited";
            };
        };
    } | {
        status: 500;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "internal";
            };
        };
    } | {
        status: 503;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "shutting_down" | "database_unavailable" | "gateway_not_configured";
            };
        };
    }>(`/api/chatwoot/list/${encodeURIComponent(instance)}`, {
        ...opts
    });
}
/**
 * Prove that messages can go both ways
 */
export function verifyChatwoot(instance: string, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            instance: string;
            /** False where one of the ways is known not to hold. */
            ok: boolean;
            chatwoot_to_ponte: {
                ok: boolean;
                message: string;
                took_ms: number | null;
                proven_at: string | null;
            };
            engine_to_ponte: {
                /** Null where the engine cannot be asked. */
                ok: boolean | null;
                message: string;
                warnings: string[];
            };
        };
    } | {
        status: 400;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "invalid_request" | "chatwoot_inbox_not_adoptable" | "chatwoot_account_not_found" | "chatwoot_endpoint_not_found" | "chatwoot_redirect" | "chatwoot_invalid_request" | "chatwoot_address_forbidden";
            };
        };
    } | {
        status: 401;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "missing_token" | "invalid_token" | "chatwoot_token_invalid" | "chatwoot_token_dropped";
            };
        };
    } | {
        status: 403;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "instance_token_mismatch" | "chatwoot_not_admin" | "chatwoot_not_member" | "chatwoot_account_suspended" | "chatwoot_bot_token" | "chatwoot_api_disabled" | "chatwoot_plan_limit" | "chatwoot_denied";
            };
        };
    } | {
        status: 404;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "instance_not_found" | "integration_not_found";
            };
        };
    } | {
        status: 429;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "rate_limited";
            };
        };
    } | {
        status: 500;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "internal";
            };
        };
    } | {
        status: 502;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "chatwoot_unreachable" | "chatwoot_unknown_host" | "chatwoot_tls_failed" | "chatwoot_failing" | "bridge_unreachable" | "bridge_timeout" | "bridge_wrong_address" | "bridge_refused" | "bridge_unauthorized" | "bridge_failing" | "bridge_stream_unavailable";
            };
        };
    } | {
        status: 503;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "shutting_down" | "database_unavailable" | "gateway_not_configured" | "chatwoot_busy" | "chatwoot_rate_limited" | "bridge_busy";
            };
        };
    }>(`/api/chatwoot/verify/${encodeURIComponent(instance)}`, {
        ...opts,
        method: "POST"
    });
}
/**
 * Deactivate Chatwoot for an instance
 */
export function deactivateChatwoot(instance: string, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            message: "chatwoot integration deactivated";
        };
    } | {
        status: 400;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "invalid_request";
            };
        };
    } | {
        status: 401;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "missing_token" | "invalid_token";
            };
        };
    } | {
        status: 403;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "instance_token_mismatch";
            };
        };
    } | {
        status: 404;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "instance_not_found" | "integration_to_delete_not_found";
            };
        };
    } | {
        status: 409;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "activation_running";
            };
        };
    } | {
        status: 429;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "rate_limited";
            };
        };
    } | {
        status: 500;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "internal";
            };
        };
    } | {
        status: 503;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "shutting_down" | "database_unavailable" | "gateway_not_configured";
            };
        };
    }>(`/api/chatwoot/delete/${encodeURIComponent(instance)}`, {
        ...opts,
        method: "DELETE"
    });
}
/**
 * Show the last activations of an instance
 */
export function listActivations(instance: string, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            instance: string;
            activations: {
                id: string;
                state: "pending" | "running" | "succeeded" | "failed";
                attempt: number;
                bridge_integration_id: string | null;
                error: {
                    code: "missing_token" | "invalid_token" | "instance_token_mismatch" | "account_token_required" | "token_superseded" | "account_not_found" | "instance_not_found" | "integration_not_found" | "integration_to_delete_not_found" | "delivery_address_unknown" | "delivery_not_genuine" | "dead_letter_not_found" | "webhook_not_found" | "delivery_not_found" | "too_many_webhooks" | "event_gone" | "route_not_found" | "method_not_allowed" | "invalid_body" | "invalid_request" | "body_too_large" | "unsupported_media_type" | "account_name_taken" | "instance_name_taken" | "instance_token_taken" | "activation_conflict" | "activation_running" | "idempotency_key_reused" | "too_many_large_requests" | "form_refused" | "rate_limited" | "chatwoot_inbox_not_adoptable" | "chatwoot_token_invalid" | "chatwoot_token_dropped" | "chatwoot_not_admin" | "chatwoot_not_member" | "chatwoot_account_suspended" | "chatwoot_bot_token" | "chatwoot_api_disabled" | "chatwoot_plan_limit" | "chatwoot_denied" | "chatwoot_account_not_found" | "chatwoot_endpoint_not_found" | "chatwoot_redirect" | "chatwoot_invalid_request" | "chatwoot_address_forbidden" | "chatwoot_unreachable" | "chatwoot_unknown_host" | "chatwoot_tls_failed" | "chatwoot_failing" | "chatwoot_busy" | "chatwoot_rate_limited" | "delivery_not_stored" | "bridge_unreachable" | "bridge_timeout" | "bridge_wrong_address" | "bridge_refused" | "bridge_unauthorized" | "bridge_failing" | "bridge_busy" | "bridge_stream_unavailable" | "webhook_unknown" | "webhook_gone" | "webhook_signature_invalid" | "gateway_not_configured" | "persist_failed" | "database_unavailable" | "queue_unavailable" | "overloaded" | "shutting_down" | "activation_left_running" | "activation_timeout" | "activation_expired" | "job_unreadable" | "worker_lost" | "internal" | "engine_not_configured" | "engine_unreachable" | "engine_address_forbidden" | "engine_not_connected" | "engine_rate_limited" | "engine_outcome_unknown" | "engine_refused" | "engine_cannot" | "config_invalid" | "encryption_key_missing" | "decryption_failed" | "database_unreachable" | "database_newer" | "database_outdated" | "database_foreign" | "migration_failed" | "migration_unfinished" | "migration_edited" | "port_in_use" | "backup_failed" | "backup_unreadable" | "backup_newer" | "restore_not_empty" | "embedded_data_unusable" | "embedded_secrets_broken" | "embedded_service_failed" | "embedded_postgres_missing" | "embedded_postgres_failed" | "embedded_postgres_version" | "embedded_postgres_in_use";
                    message: string;
                } | null;
                created_at: string;
                started_at: string | null;
                finished_at: string | null;
                deadline_at: string;
                trace: {
                    attempt: number;
                    started_at: string;
                    queue_wait_ms: number;
                    bridge_ms: number | null;
                    chatwoot_ms: number | null;
                    store_ms: number | null;
                    outcome: string;
                }[];
            }[];
        };
    } | {
        status: 400;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "invalid_request";
            };
        };
    } | {
        status: 401;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "missing_token" | "invalid_token";
            };
        };
    } | {
        status: 403;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "instance_token_mismatch";
            };
        };
    } | {
        status: 404;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "instance_not_found";
            };
        };
    } | {
        status: 429;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "rate_limited";
            };
        };
    } | {
        status: 500;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "internal";
            };
        };
    } | {
        status: 503;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "shutting_down" | "database_unavailable" | "gateway_not_configured";
            };
        };
    }>(`/api/chatwoot/activations/${encodeURIComponent(instance)}`, {
        ...opts
    });
}
/**
 * Create an instance
 */
export function createInstance(body: {
    /** Unique within the account. */
    name: string;
    /** The TokenInstance, random and of 32 characters or more. Left out, one is generated. */
    token?: string | null;
    /** What the WhatsApp API at engineUrl is. Default: ryzeapi. */
    engineKind?: ("ryzeapi" | "evolution" | "cloud" | "waha" | "whatsmeow" | "gowa") | null;
    /** The WhatsApp API this instance is paired in. Default: what the operator has set. */
    engineUrl?: string | null;
    /** Token for engineUrl. Stored encrypted. */
    engineToken?: string | null;
    /** The WhatsApp API this instance is paired in, whichever it is. Says more than engineKind, engineUrl and engineToken. */
    engine?: {
        /** Which WhatsApp API it is. Default: ryzeapi, or as it was. */
        kind?: ("ryzeapi" | "evolution" | "cloud" | "waha" | "whatsmeow" | "gowa") | null;
        /** Its address. Not needed where there is only one in the world. */
        url?: string | null;
        /** What opens it. Stored encrypted. */
        token?: string | null;
        /** What the instance is called there. Default: the same name. */
        name?: string | null;
        /** Its second secret, where it has one. Stored encrypted. */
        secret?: string | null;
    } | null;
    /** Whether to activate Chatwoot at once, with the other `chatwoot*` keys; those are read only then. Default: false. */
    chatwootEnabled?: boolean | null;
    /** Address of Chatwoot, http or https, without credentials, `?` or `#`. A slash at its end is dropped. */
    chatwootBaseUrl?: string;
    /** Number of the account in Chatwoot: the one in its address, /app/accounts/5. */
    chatwootAccountId?: number;
    /** Access token of an administrator of that account (Profile settings, Access token). Stored encrypted, never shown again. */
    chatwootApiToken?: string;
    /** Name of the inbox. Default: `RyzeAPI`. */
    chatwootInboxName?: string | null;
    /** Number of an existing API inbox of that account, which is taken over instead of making one: its conversations go on, its name stays. Deactivation gives its webhook address back and never deletes it. */
    chatwootInboxId?: number | null;
    /** Messages of the last so many days (up to 30) are brought into Chatwoot once, where the engine can tell them (Evolution API; WAHA with its store): in order, with their times, without notifying anybody or reopening anything. Default: 0. */
    chatwootImportHistoryDays?: number | null;
    /** Puts the name of the agent before every message: `*Name*:`. Default: false. */
    chatwootSignMessages?: boolean | null;
    /** Keeps messages of groups out of Chatwoot. Default: false. */
    chatwootIgnoreGroups?: boolean | null;
    /** New conversations are `pending` instead of `open`. Default: false. */
    chatwootStartAsPending?: boolean | null;
    /** A new message reopens a resolved conversation instead of beginning another. Default: false. */
    chatwootReopenResolved?: boolean | null;
    /** Language of what Ponte writes to agents: notes, reasons why a message failed. Default: that of the Chatwoot account, else English. */
    chatwootLanguage?: ("en" | "pt" | "es") | null;
    /** Where this request moves the integration to another account or another Chatwoot: deletes the old inbox **with its conversations**. Otherwise it stays there, see `previous_inbox`. Default: false. */
    chatwootDeleteOldInbox?: boolean | null;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 201;
        data: {
            success: true;
            message: string;
            instance: {
                id: string;
                name: string;
                token: string;
                status: "disconnected";
                created_at: string;
            };
            /** What came of the activation; only with chatwootEnabled. */
            chatwoot?: {
                status: "active";
                bridge_integration_id: string;
                message: string;
                /** The import that `importHistoryDays` asked for; absent where none was. Not part of RyzeAPI. */
                history?: {
                    days: number;
                    /** `reading` and `handing_over` while it goes on, then `done`. `unsupported`: the engine cannot tell what was written before; `unable`: it is not set up to; `failed`: it could not be read to its end; `stopping`, `stopped`: a later activation asked for none. */
                    state: "reading" | "handing_over" | "stopping" | "done" | "stopped" | "unsupported" | "unable" | "failed";
                    /** Messages that the engine has told so far. */
                    found: number;
                    /** Of those the ones that are in Chatwoot or on their way there. */
                    handed_over: number;
                    finished_at: string | null;
                    warnings: string[];
                };
                warnings?: string[];
            } | {
                status: "error";
                error: string;
                code: "missing_token" | "invalid_token" | "instance_token_mismatch" | "account_token_required" | "token_superseded" | "account_not_found" | "instance_not_found" | "integration_not_found" | "integration_to_delete_not_found" | "delivery_address_unknown" | "delivery_not_genuine" | "dead_letter_not_found" | "webhook_not_found" | "delivery_not_found" | "too_many_webhooks" | "event_gone" | "route_not_found" | "method_not_allowed" | "invalid_body" | "invalid_request" | "body_too_large" | "unsupported_media_type" | "account_name_taken" | "instance_name_taken" | "instance_token_taken" | "activation_conflict" | "activation_running" | "idempotency_key_reused" | "too_many_large_requests" | "form_refused" | "rate_limited" | "chatwoot_inbox_not_adoptable" | "chatwoot_token_invalid" | "chatwoot_token_dropped" | "chatwoot_not_admin" | "chatwoot_not_member" | "chatwoot_account_suspended" | "chatwoot_bot_token" | "chatwoot_api_disabled" | "chatwoot_plan_limit" | "chatwoot_denied" | "chatwoot_account_not_found" | "chatwoot_endpoint_not_found" | "chatwoot_redirect" | "chatwoot_invalid_request" | "chatwoot_address_forbidden" | "chatwoot_unreachable" | "chatwoot_unknown_host" | "chatwoot_tls_failed" | "chatwoot_failing" | "chatwoot_busy" | "chatwoot_rate_limited" | "delivery_not_stored" | "bridge_unreachable" | "bridge_timeout" | "bridge_wrong_address" | "bridge_refused" | "bridge_unauthorized" | "bridge_failing" | "bridge_busy" | "bridge_stream_unavailable" | "webhook_unknown" | "webhook_gone" | "webhook_signature_invalid" | "gateway_not_configured" | "persist_failed" | "database_unavailable" | "queue_unavailable" | "overloaded" | "shutting_down" | "activation_left_running" | "activation_timeout" | "activation_expired" | "job_unreadable" | "worker_lost" | "internal" | "engine_not_configured" | "engine_unreachable" | "engine_address_forbidden" | "engine_not_connected" | "engine_rate_limited" | "engine_outcome_unknown" | "engine_refused" | "engine_cannot" | "config_invalid" | "encryption_key_missing" | "decryption_failed" | "database_unreachable" | "database_newer" | "database_outdated" | "database_foreign" | "migration_failed" | "migration_unfinished" | "migration_edited" | "port_in_use" | "backup_failed" | "backup_unreadable" | "backup_newer" | "restore_not_empty" | "embedded_data_unusable" | "embedded_secrets_broken" | "embedded_service_failed" | "embedded_postgres_missing" | "embedded_postgres_failed" | "embedded_postgres_version" | "embedded_postgres_in_use";
            };
        };
    } | {
        status: 400;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "invalid_request" | "invalid_body";
            };
        };
    } | {
        status: 401;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "missing_token" | "invalid_token";
            };
        };
    } | {
        status: 403;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "account_token_required";
            };
        };
    } | {
        status: 409;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "instance_name_taken" | "instance_token_taken";
            };
        };
    } | {
        status: 413;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "body_too_large";
            };
        };
    } | {
        status: 415;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "unsupported_media_type";
            };
        };
    } | {
        status: 429;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "rate_limited";
            };
        };
    } | {
        status: 500;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "internal";
            };
        };
    } | {
        status: 503;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "shutting_down" | "database_unavailable" | "too_many_large_requests";
            };
        };
    }>("/api/instance/new", oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * List instances
 */
export function listInstances({ instanceName }: {
    instanceName?: string;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            success: true;
            message: string;
            instances: {
                id: string;
                name: string;
                status: "connected" | "disconnected";
                connection: {
                    /** `connected`, or why it is not: `disconnected` (also while nobody has told: then `told` is empty and `changed_at` null), `logged_out`, `qr_ready` and others. */
                    state: string;
                    /** The engine’s own word. */
                    told: string;
                    changed_at: string | null;
                };
                engine_kind: "ryzeapi" | "evolution" | "cloud" | "waha" | "whatsmeow" | "gowa";
                /** Not part of RyzeAPI. */
                engine: {
                    kind: "ryzeapi" | "evolution" | "cloud" | "waha" | "whatsmeow" | "gowa";
                    /** Null: the one that the operator has set. */
                    url: string | null;
                    /** What the instance is called there; null: by its own name. */
                    name: string | null;
                    /** Whether the engine delivers to Ponte by an address that Ponte has set itself. `not_set_by_ponte`: not active, or this kind cannot be told. */
                    webhook: "set" | "pending" | "failing" | "not_set_by_ponte";
                    warnings: string[];
                    /** Deliveries that could not be read or did not prove their origin. */
                    unread_events: number;
                    last_unread: {
                        at: string;
                        reason: string;
                    } | null;
                    last_event_at: string | null;
                };
                chatwoot: {
                    enabled: boolean;
                } | {
                    enabled: true;
                    status: "active" | "paused" | "error";
                    bridge_integration_id: string;
                    chatwoot_base_url: string;
                    chatwoot_account_id: number;
                    chatwoot_inbox_id: number;
                    chatwoot_inbox_name: string;
                    last_error: string;
                };
                created_at: string;
            }[];
            meta: {
                total: number;
            };
        };
    } | {
        status: 400;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "invalid_request";
            };
        };
    } | {
        status: 401;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "missing_token" | "invalid_token";
            };
        };
    } | {
        status: 404;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "instance_not_found";
            };
        };
    } | {
        status: 429;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "rate_limited";
            };
        };
    } | {
        status: 500;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "internal";
            };
        };
    } | {
        status: 503;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "shutting_down" | "database_unavailable";
            };
        };
    }>(`/api/instance/list${QS.query(QS.explode({
        instanceName
    }))}`, {
        ...opts
    });
}
/**
 * Pair an instance in another WhatsApp engine, or change what is known of its own
 */
export function changeInstance(instance: string, body: {
    /** What is left out stays as it is. With another kind or url the token has to be given again. */
    engine: {
        /** Which WhatsApp API it is. Default: ryzeapi, or as it was. */
        kind?: ("ryzeapi" | "evolution" | "cloud" | "waha" | "whatsmeow" | "gowa") | null;
        /** Its address. Not needed where there is only one in the world. */
        url?: string | null;
        /** What opens it. Stored encrypted. */
        token?: string | null;
        /** What the instance is called there. Default: the same name. */
        name?: string | null;
        /** Its second secret, where it has one. Stored encrypted. */
        secret?: string | null;
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            success: true;
            message: string;
            instance: {
                id: string;
                name: string;
                status: "connected" | "disconnected";
                connection: {
                    /** `connected`, or why it is not: `disconnected` (also while nobody has told: then `told` is empty and `changed_at` null), `logged_out`, `qr_ready` and others. */
                    state: string;
                    /** The engine’s own word. */
                    told: string;
                    changed_at: string | null;
                };
                engine_kind: "ryzeapi" | "evolution" | "cloud" | "waha" | "whatsmeow" | "gowa";
                /** Not part of RyzeAPI. */
                engine: {
                    kind: "ryzeapi" | "evolution" | "cloud" | "waha" | "whatsmeow" | "gowa";
                    /** Null: the one that the operator has set. */
                    url: string | null;
                    /** What the instance is called there; null: by its own name. */
                    name: string | null;
                    /** Whether the engine delivers to Ponte by an address that Ponte has set itself. `not_set_by_ponte`: not active, or this kind cannot be told. */
                    webhook: "set" | "pending" | "failing" | "not_set_by_ponte";
                    warnings: string[];
                    /** Deliveries that could not be read or did not prove their origin. */
                    unread_events: number;
                    last_unread: {
                        at: string;
                        reason: string;
                    } | null;
                    last_event_at: string | null;
                };
                chatwoot: {
                    enabled: boolean;
                } | {
                    enabled: true;
                    status: "active" | "paused" | "error";
                    bridge_integration_id: string;
                    chatwoot_base_url: string;
                    chatwoot_account_id: number;
                    chatwoot_inbox_id: number;
                    chatwoot_inbox_name: string;
                    last_error: string;
                };
                created_at: string;
            };
        };
    } | {
        status: 400;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "invalid_request" | "invalid_body";
            };
        };
    } | {
        status: 401;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "missing_token" | "invalid_token";
            };
        };
    } | {
        status: 403;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "account_token_required" | "instance_token_mismatch";
            };
        };
    } | {
        status: 404;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "instance_not_found";
            };
        };
    } | {
        status: 413;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "body_too_large";
            };
        };
    } | {
        status: 415;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "unsupported_media_type";
            };
        };
    } | {
        status: 429;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "rate_limited";
            };
        };
    } | {
        status: 500;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "internal";
            };
        };
    } | {
        status: 503;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "shutting_down" | "database_unavailable" | "too_many_large_requests";
            };
        };
    }>(`/api/instance/${encodeURIComponent(instance)}`, oazapfts.json({
        ...opts,
        method: "PATCH",
        body
    }));
}
/**
 * Delete an instance
 */
export function deleteInstance(instance: string, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            success: true;
            message: string;
        };
    } | {
        status: 400;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "invalid_request";
            };
        };
    } | {
        status: 401;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "missing_token" | "invalid_token";
            };
        };
    } | {
        status: 403;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "account_token_required" | "instance_token_mismatch";
            };
        };
    } | {
        status: 404;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "instance_not_found";
            };
        };
    } | {
        status: 409;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "activation_running";
            };
        };
    } | {
        status: 429;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "rate_limited";
            };
        };
    } | {
        status: 500;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "internal";
            };
        };
    } | {
        status: 503;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "shutting_down" | "database_unavailable";
            };
        };
    }>(`/api/instance/delete/${encodeURIComponent(instance)}`, {
        ...opts,
        method: "DELETE"
    });
}
/**
 * Renew the TokenAccount
 */
export function renewAccountToken(body: {
    /** How long the old token stays valid; 0 ends it at once. Default: 86400, a day. */
    overlapSeconds?: number | null;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            success: true;
            message: string;
            token: string;
            previous_token_valid_until: string | null;
        };
    } | {
        status: 400;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "invalid_request" | "invalid_body";
            };
        };
    } | {
        status: 401;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "missing_token" | "invalid_token";
            };
        };
    } | {
        status: 403;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "account_token_required" | "token_superseded";
            };
        };
    } | {
        status: 413;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "body_too_large";
            };
        };
    } | {
        status: 415;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "unsupported_media_type";
            };
        };
    } | {
        status: 429;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "rate_limited";
            };
        };
    } | {
        status: 500;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "internal";
            };
        };
    } | {
        status: 503;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "shutting_down" | "database_unavailable" | "too_many_large_requests";
            };
        };
    }>("/api/account/token", oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * Renew a TokenInstance
 */
export function renewInstanceToken(instance: string, body: {
    /** How long the old token stays valid; 0 ends it at once. Default: 86400, a day. */
    overlapSeconds?: number | null;
    /** The new token, random and of 32 characters or more. Left out, one is generated. */
    token?: string | null;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            success: true;
            message: string;
            token: string;
            previous_token_valid_until: string | null;
        };
    } | {
        status: 400;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "invalid_request" | "invalid_body";
            };
        };
    } | {
        status: 401;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "missing_token" | "invalid_token";
            };
        };
    } | {
        status: 403;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "account_token_required" | "instance_token_mismatch";
            };
        };
    } | {
        status: 404;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "instance_not_found";
            };
        };
    } | {
        status: 409;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "instance_token_taken";
            };
        };
    } | {
        status: 413;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "body_too_large";
            };
        };
    } | {
        status: 415;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "unsupported_media_type";
            };
        };
    } | {
        status: 429;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "rate_limited";
            };
        };
    } | {
        status: 500;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "internal";
            };
        };
    } | {
        status: 503;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "shutting_down" | "database_unavailable" | "too_many_large_requests";
            };
        };
    }>(`/api/instance/token/${encodeURIComponent(instance)}`, oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * Revoke a TokenInstance
 */
export function revokeInstanceToken(instance: string, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            success: true;
            message: string;
        };
    } | {
        status: 400;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "invalid_request";
            };
        };
    } | {
        status: 401;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "missing_token" | "invalid_token";
            };
        };
    } | {
        status: 403;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "account_token_required" | "instance_token_mismatch";
            };
        };
    } | {
        status: 404;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "instance_not_found";
            };
        };
    } | {
        status: 429;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "rate_limited";
            };
        };
    } | {
        status: 500;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "internal";
            };
        };
    } | {
        status: 503;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "shutting_down" | "database_unavailable";
            };
        };
    }>(`/api/instance/token/${encodeURIComponent(instance)}`, {
        ...opts,
        method: "DELETE"
    });
}
/**
 * Tell whether a WhatsApp engine takes these settings
 */
export function checkEngine(body: {
    /** Name the instance is to have, where that is also its name in the engine. */
    name?: string | null;
    /** What the WhatsApp API at engineUrl is. Default: ryzeapi. */
    engineKind?: ("ryzeapi" | "evolution" | "cloud" | "waha" | "whatsmeow" | "gowa") | null;
    /** The WhatsApp API this instance is paired in. Default: what the operator has set. */
    engineUrl?: string | null;
    /** Token for engineUrl. Stored encrypted. */
    engineToken?: string | null;
    engine?: {
        /** Which WhatsApp API it is. Default: ryzeapi, or as it was. */
        kind?: ("ryzeapi" | "evolution" | "cloud" | "waha" | "whatsmeow" | "gowa") | null;
        /** Its address. Not needed where there is only one in the world. */
        url?: string | null;
        /** What opens it. Stored encrypted. */
        token?: string | null;
        /** What the instance is called there. Default: the same name. */
        name?: string | null;
        /** Its second secret, where it has one. Stored encrypted. */
        secret?: string | null;
    } | null;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            success: true;
            message: string;
            connection: {
                /** `unknown` where the engine does not tell. */
                state: string;
                told: string;
                "number": string | null;
            };
            warnings: string[];
        };
    } | {
        status: 400;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "invalid_request" | "invalid_body" | "engine_address_forbidden";
            };
        };
    } | {
        status: 401;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "missing_token" | "invalid_token";
            };
        };
    } | {
        status: 403;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "account_token_required";
            };
        };
    } | {
        status: 413;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "body_too_large";
            };
        };
    } | {
        status: 415;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "unsupported_media_type";
            };
        };
    } | {
        status: 429;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "rate_limited";
            };
        };
    } | {
        status: 500;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "internal" | "encryption_key_missing" | "decryption_failed";
            };
        };
    } | {
        status: 501;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "engine_cannot";
            };
        };
    } | {
        status: 502;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "engine_unreachable" | "engine_refused";
            };
        };
    } | {
        status: 503;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "shutting_down" | "database_unavailable" | "too_many_large_requests" | "engine_not_configured" | "engine_not_connected" | "engine_rate_limited";
            };
        };
    } | {
        status: 504;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "engine_outcome_unknown";
            };
        };
    }>("/api/instance/check", oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * Tell whether the WhatsApp engine of an instance takes its settings
 */
export function checkInstance(instance: string, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            success: true;
            message: string;
            connection: {
                /** `unknown` where the engine does not tell. */
                state: string;
                told: string;
                "number": string | null;
            };
            warnings: string[];
        };
    } | {
        status: 400;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "invalid_request" | "engine_address_forbidden";
            };
        };
    } | {
        status: 401;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "missing_token" | "invalid_token";
            };
        };
    } | {
        status: 403;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "instance_token_mismatch";
            };
        };
    } | {
        status: 404;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "instance_not_found";
            };
        };
    } | {
        status: 429;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "rate_limited";
            };
        };
    } | {
        status: 500;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "internal" | "encryption_key_missing" | "decryption_failed";
            };
        };
    } | {
        status: 501;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "engine_cannot";
            };
        };
    } | {
        status: 502;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "engine_unreachable" | "engine_refused";
            };
        };
    } | {
        status: 503;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "shutting_down" | "database_unavailable" | "engine_not_configured" | "engine_not_connected" | "engine_rate_limited";
            };
        };
    } | {
        status: 504;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "engine_outcome_unknown";
            };
        };
    }>(`/api/instance/check/${encodeURIComponent(instance)}`, {
        ...opts,
        method: "POST"
    });
}
/**
 * Show what to scan, or type, to pair the phone
 */
export function pairInstance(instance: string, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            success: true;
            status: "waiting" | "connected";
            /** Text to draw as a QR code. */
            qr: string | null;
            /** A PNG. */
            qr_image_base64: string | null;
            /** To be typed on the phone instead. */
            code: string | null;
        };
    } | {
        status: 400;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "invalid_request" | "engine_address_forbidden";
            };
        };
    } | {
        status: 401;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "missing_token" | "invalid_token";
            };
        };
    } | {
        status: 403;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "instance_token_mismatch";
            };
        };
    } | {
        status: 404;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "instance_not_found";
            };
        };
    } | {
        status: 429;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "rate_limited";
            };
        };
    } | {
        status: 500;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "internal" | "encryption_key_missing" | "decryption_failed";
            };
        };
    } | {
        status: 501;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "engine_cannot";
            };
        };
    } | {
        status: 502;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "engine_unreachable" | "engine_refused";
            };
        };
    } | {
        status: 503;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "shutting_down" | "database_unavailable" | "engine_not_configured" | "engine_not_connected" | "engine_rate_limited";
            };
        };
    } | {
        status: 504;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "engine_outcome_unknown";
            };
        };
    }>(`/api/instance/qr/${encodeURIComponent(instance)}`, {
        ...opts
    });
}
/**
 * Deliver events of a WhatsApp engine whose webhook Ponte has set
 */
export function deliverEvents(key: string, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            success: true;
            status: "stored" | "duplicate" | "unwanted" | "unread";
        };
    } | {
        status: 400;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "invalid_body";
            };
        };
    } | {
        status: 401;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "delivery_not_genuine";
            };
        };
    } | {
        status: 404;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "delivery_address_unknown";
            };
        };
    } | {
        status: 413;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "body_too_large";
            };
        };
    } | {
        status: 415;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "unsupported_media_type";
            };
        };
    } | {
        status: 429;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "rate_limited";
            };
        };
    } | {
        status: 500;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "encryption_key_missing" | "decryption_failed" | "internal";
            };
        };
    } | {
        status: 503;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "delivery_not_stored" | "too_many_large_requests" | "shutting_down" | "database_unavailable";
            };
        };
    }>(`/api/events/engine/${encodeURIComponent(key)}`, {
        ...opts,
        method: "POST"
    });
}
/**
 * Answer the WhatsApp engine that verifies the address
 */
export function verifyAddress(key: string, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: string;
    } | {
        status: 401;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "delivery_not_genuine";
            };
        };
    } | {
        status: 404;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "delivery_address_unknown";
            };
        };
    } | {
        status: 429;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "rate_limited";
            };
        };
    } | {
        status: 500;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "internal";
            };
        };
    } | {
        status: 503;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "shutting_down" | "database_unavailable";
            };
        };
    }>(`/api/events/engine/${encodeURIComponent(key)}`, {
        ...opts
    });
}
/**
 * Deliver an event of the WhatsApp engine
 */
export function ingestEvent(instance: string, body: {
    event: string;
    [key: string]: unknown;
}, { token }: {
    token?: string;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            success: true;
            status: "stored" | "duplicate" | "unwanted";
        };
    } | {
        status: 400;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "invalid_request" | "invalid_body";
            };
        };
    } | {
        status: 401;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "missing_token" | "invalid_token";
            };
        };
    } | {
        status: 403;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "instance_token_mismatch";
            };
        };
    } | {
        status: 404;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "instance_not_found";
            };
        };
    } | {
        status: 413;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "body_too_large";
            };
        };
    } | {
        status: 415;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "unsupported_media_type";
            };
        };
    } | {
        status: 429;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "rate_limited";
            };
        };
    } | {
        status: 500;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "internal";
            };
        };
    } | {
        status: 503;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "shutting_down" | "database_unavailable" | "too_many_large_requests";
            };
        };
    }>(`/api/events/ingest/${encodeURIComponent(instance)}${QS.query(QS.explode({
        token
    }))}`, oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * Send a text through the instance’s WhatsApp engine
 */
export function sendText(instance: string, body: {
    "number": string;
    message: string;
    linkPreview?: boolean | null;
    delay?: number | null;
    replyTo?: string | null;
    replyPrivate?: boolean | null;
    mention?: string[] | null;
    mentionAll?: boolean | null;
    source?: string | null;
    [key: string]: unknown;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            [key: string]: unknown;
        };
    } | {
        status: 400;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "invalid_request" | "invalid_body" | "engine_address_forbidden";
            };
        };
    } | {
        status: 401;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "missing_token" | "invalid_token";
            };
        };
    } | {
        status: 403;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "instance_token_mismatch";
            };
        };
    } | {
        status: 404;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "instance_not_found";
            };
        };
    } | {
        status: 413;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "body_too_large";
            };
        };
    } | {
        status: 415;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "unsupported_media_type";
            };
        };
    } | {
        status: 429;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "rate_limited";
            };
        };
    } | {
        status: 500;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "internal" | "encryption_key_missing" | "decryption_failed";
            };
        };
    } | {
        status: 501;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "engine_cannot";
            };
        };
    } | {
        status: 502;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "engine_unreachable" | "engine_refused";
            };
        };
    } | {
        status: 503;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "shutting_down" | "database_unavailable" | "too_many_large_requests" | "engine_not_configured" | "engine_not_connected" | "engine_rate_limited";
            };
        };
    } | {
        status: 504;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "engine_outcome_unknown";
            };
        };
    }>(`/api/message/text/${encodeURIComponent(instance)}`, oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * Send a file through the instance’s WhatsApp engine
 */
export function sendMedia(instance: string, body: {
    "number": string;
    mediaType: "image" | "video" | "document" | "audio";
    mediaUrl?: string | null;
    mediaBase64?: string | null;
    message?: string | null;
    mimeType?: string | null;
    fileName?: string | null;
    isVoice?: boolean | null;
    delay?: number | null;
    replyTo?: string | null;
    replyPrivate?: boolean | null;
    mention?: string[] | null;
    mentionAll?: boolean | null;
    source?: string | null;
    [key: string]: unknown;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            [key: string]: unknown;
        };
    } | {
        status: 400;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "invalid_request" | "invalid_body" | "engine_address_forbidden";
            };
        };
    } | {
        status: 401;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "missing_token" | "invalid_token";
            };
        };
    } | {
        status: 403;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "instance_token_mismatch";
            };
        };
    } | {
        status: 404;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "instance_not_found";
            };
        };
    } | {
        status: 413;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "body_too_large";
            };
        };
    } | {
        status: 415;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "unsupported_media_type";
            };
        };
    } | {
        status: 429;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "rate_limited";
            };
        };
    } | {
        status: 500;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "internal" | "encryption_key_missing" | "decryption_failed";
            };
        };
    } | {
        status: 501;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "engine_cannot";
            };
        };
    } | {
        status: 502;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "engine_unreachable" | "engine_refused";
            };
        };
    } | {
        status: 503;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "shutting_down" | "database_unavailable" | "too_many_large_requests" | "engine_not_configured" | "engine_not_connected" | "engine_rate_limited";
            };
        };
    } | {
        status: 504;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "engine_outcome_unknown";
            };
        };
    }>(`/api/message/media/${encodeURIComponent(instance)}`, oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * Fetch the file of a message from the WhatsApp engine
 */
export function getMedia(instance: string, messageId: string, { reference }: {
    reference?: string;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            mime_type?: string | null;
            media_type?: string | null;
            base64?: string;
            [key: string]: unknown;
        };
    } | {
        status: 400;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "invalid_request" | "engine_address_forbidden";
            };
        };
    } | {
        status: 401;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "missing_token" | "invalid_token";
            };
        };
    } | {
        status: 403;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "instance_token_mismatch";
            };
        };
    } | {
        status: 404;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "instance_not_found";
            };
        };
    } | {
        status: 429;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "rate_limited";
            };
        };
    } | {
        status: 500;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "internal" | "encryption_key_missing" | "decryption_failed";
            };
        };
    } | {
        status: 501;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "engine_cannot";
            };
        };
    } | {
        status: 502;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "engine_unreachable" | "engine_refused";
            };
        };
    } | {
        status: 503;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "shutting_down" | "database_unavailable" | "engine_not_configured" | "engine_not_connected" | "engine_rate_limited";
            };
        };
    } | {
        status: 504;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "engine_outcome_unknown";
            };
        };
    }>(`/api/message/media/${encodeURIComponent(instance)}/${encodeURIComponent(messageId)}${QS.query(QS.explode({
        reference
    }))}`, {
        ...opts
    });
}
/**
 * Delete a message for everyone, edit it, or react to it
 */
export function actOnMessage(instance: string, body: {
    kind: "revoke";
    "number": string;
    messageId: string;
    author?: string;
} | {
    kind: "edit";
    "number": string;
    messageId: string;
    author?: string;
    text: string;
} | {
    kind: "reaction";
    "number": string;
    messageId: string;
    author?: string;
    emoji: string;
    isOurs?: boolean;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            [key: string]: unknown;
        };
    } | {
        status: 400;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "invalid_request" | "invalid_body" | "engine_address_forbidden";
            };
        };
    } | {
        status: 401;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "missing_token" | "invalid_token";
            };
        };
    } | {
        status: 403;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "instance_token_mismatch";
            };
        };
    } | {
        status: 404;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "instance_not_found";
            };
        };
    } | {
        status: 413;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "body_too_large";
            };
        };
    } | {
        status: 415;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "unsupported_media_type";
            };
        };
    } | {
        status: 429;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "rate_limited";
            };
        };
    } | {
        status: 500;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "internal" | "encryption_key_missing" | "decryption_failed";
            };
        };
    } | {
        status: 501;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "engine_cannot";
            };
        };
    } | {
        status: 502;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "engine_unreachable" | "engine_refused";
            };
        };
    } | {
        status: 503;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "shutting_down" | "database_unavailable" | "too_many_large_requests" | "engine_not_configured" | "engine_not_connected" | "engine_rate_limited";
            };
        };
    } | {
        status: 504;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "engine_outcome_unknown";
            };
        };
    }>(`/api/message/action/${encodeURIComponent(instance)}`, oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * Tell where the picture of a person or group is
 */
export function getAvatar(instance: string, address: string, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            url?: string | null;
            [key: string]: unknown;
        };
    } | {
        status: 400;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "invalid_request" | "engine_address_forbidden";
            };
        };
    } | {
        status: 401;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "missing_token" | "invalid_token";
            };
        };
    } | {
        status: 403;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "instance_token_mismatch";
            };
        };
    } | {
        status: 404;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "instance_not_found";
            };
        };
    } | {
        status: 429;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "rate_limited";
            };
        };
    } | {
        status: 500;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "internal" | "encryption_key_missing" | "decryption_failed";
            };
        };
    } | {
        status: 501;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "engine_cannot";
            };
        };
    } | {
        status: 502;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "engine_unreachable" | "engine_refused";
            };
        };
    } | {
        status: 503;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "shutting_down" | "database_unavailable" | "engine_not_configured" | "engine_not_connected" | "engine_rate_limited";
            };
        };
    } | {
        status: 504;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "engine_outcome_unknown";
            };
        };
    }>(`/api/message/avatar/${encodeURIComponent(instance)}/${encodeURIComponent(address)}`, {
        ...opts
    });
}
/**
 * List the webhooks of the account
 */
export function listWebhooks(opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            webhooks: {
                id: string;
                url: string;
                /** null: all of them. */
                events: string[] | null;
                enabled: boolean;
                /** Why Ponte has disabled it. */
                disabled_reason: string | null;
                /** Since when nothing could be delivered. */
                failing_since: string | null;
                created_at: string;
            }[];
        };
    } | {
        status: 400;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "invalid_request";
            };
        };
    } | {
        status: 401;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "missing_token" | "invalid_token";
            };
        };
    } | {
        status: 403;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "account_token_required";
            };
        };
    } | {
        status: 429;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "rate_limited";
            };
        };
    } | {
        status: 500;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "internal";
            };
        };
    } | {
        status: 503;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "shutting_down" | "database_unavailable";
            };
        };
    }>("/api/account/webhooks", {
        ...opts
    });
}
/**
 * Add a webhook
 */
export function createWebhook(body: {
    /** Where events are delivered to. */
    url: string;
    /** Which events. Left out, or null: all of them, those of later versions as well. */
    events?: ("integration.error" | "integration.recovered" | "message.set_aside" | "instance.disconnected" | "activation.finished")[] | null;
    /** Whether events are delivered. One that Ponte has disabled is given another chance by true. */
    enabled?: boolean | null;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 201;
        data: {
            id: string;
            url: string;
            /** null: all of them. */
            events: string[] | null;
            enabled: boolean;
            /** Why Ponte has disabled it. */
            disabled_reason: string | null;
            /** Since when nothing could be delivered. */
            failing_since: string | null;
            created_at: string;
            /** What deliveries are signed with. It is shown this once. */
            secret: string;
        };
    } | {
        status: 400;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "invalid_request" | "invalid_body";
            };
        };
    } | {
        status: 401;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "missing_token" | "invalid_token";
            };
        };
    } | {
        status: 403;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "account_token_required";
            };
        };
    } | {
        status: 409;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "too_many_webhooks";
            };
        };
    } | {
        status: 413;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "body_too_large";
            };
        };
    } | {
        status: 415;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "unsupported_media_type";
            };
        };
    } | {
        status: 429;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "rate_limited";
            };
        };
    } | {
        status: 500;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "internal";
            };
        };
    } | {
        status: 503;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "shutting_down" | "database_unavailable" | "too_many_large_requests";
            };
        };
    }>("/api/account/webhooks", oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * Change a webhook
 */
export function changeWebhook(webhook: string, body: {
    /** Where events are delivered to. */
    url?: string;
    /** Which events. Left out, or null: all of them, those of later versions as well. */
    events?: ("integration.error" | "integration.recovered" | "message.set_aside" | "instance.disconnected" | "activation.finished")[] | null;
    /** Whether events are delivered. One that Ponte has disabled is given another chance by true. */
    enabled?: boolean | null;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            id: string;
            url: string;
            /** null: all of them. */
            events: string[] | null;
            enabled: boolean;
            /** Why Ponte has disabled it. */
            disabled_reason: string | null;
            /** Since when nothing could be delivered. */
            failing_since: string | null;
            created_at: string;
        };
    } | {
        status: 400;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "invalid_request" | "invalid_body";
            };
        };
    } | {
        status: 401;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "missing_token" | "invalid_token";
            };
        };
    } | {
        status: 403;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "account_token_required";
            };
        };
    } | {
        status: 404;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "webhook_not_found";
            };
        };
    } | {
        status: 413;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "body_too_large";
            };
        };
    } | {
        status: 415;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "unsupported_media_type";
            };
        };
    } | {
        status: 429;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "rate_limited";
            };
        };
    } | {
        status: 500;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "internal";
            };
        };
    } | {
        status: 503;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "shutting_down" | "database_unavailable" | "too_many_large_requests";
            };
        };
    }>(`/api/account/webhooks/${encodeURIComponent(webhook)}`, oazapfts.json({
        ...opts,
        method: "PATCH",
        body
    }));
}
/**
 * Delete a webhook
 */
export function deleteWebhook(webhook: string, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            success: true;
            message: string;
        };
    } | {
        status: 400;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "invalid_request";
            };
        };
    } | {
        status: 401;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "missing_token" | "invalid_token";
            };
        };
    } | {
        status: 403;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "account_token_required";
            };
        };
    } | {
        status: 404;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "webhook_not_found";
            };
        };
    } | {
        status: 429;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "rate_limited";
            };
        };
    } | {
        status: 500;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "internal";
            };
        };
    } | {
        status: 503;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "shutting_down" | "database_unavailable";
            };
        };
    }>(`/api/account/webhooks/${encodeURIComponent(webhook)}`, {
        ...opts,
        method: "DELETE"
    });
}
/**
 * Renew the secret of a webhook
 */
export function renewWebhookSecret(webhook: string, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            /** What deliveries are signed with. It is shown this once. */
            secret: string;
            previous_secret_valid_until: string;
        };
    } | {
        status: 400;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "invalid_request";
            };
        };
    } | {
        status: 401;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "missing_token" | "invalid_token";
            };
        };
    } | {
        status: 403;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "account_token_required";
            };
        };
    } | {
        status: 404;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "webhook_not_found";
            };
        };
    } | {
        status: 429;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "rate_limited";
            };
        };
    } | {
        status: 500;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "internal";
            };
        };
    } | {
        status: 503;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "shutting_down" | "database_unavailable";
            };
        };
    }>(`/api/account/webhooks/${encodeURIComponent(webhook)}/secret`, {
        ...opts,
        method: "POST"
    });
}
/**
 * Send a test event
 */
export function testWebhook(webhook: string, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 202;
        data: {
            event_id: string;
        };
    } | {
        status: 400;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "invalid_request";
            };
        };
    } | {
        status: 401;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "missing_token" | "invalid_token";
            };
        };
    } | {
        status: 403;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "account_token_required";
            };
        };
    } | {
        status: 404;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "webhook_not_found";
            };
        };
    } | {
        status: 429;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "rate_limited";
            };
        };
    } | {
        status: 500;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "internal";
            };
        };
    } | {
        status: 503;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "shutting_down" | "database_unavailable";
            };
        };
    }>(`/api/account/webhooks/${encodeURIComponent(webhook)}/test`, {
        ...opts,
        method: "POST"
    });
}
/**
 * List the last deliveries of a webhook
 */
export function listDeliveries(webhook: string, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            deliveries: {
                event_id: string;
                "type": string;
                occurred_at: string;
                state: "pending" | "delivered" | "failed";
                attempts: number;
                last_attempt_at: string | null;
                /** HTTP status, where the receiver answered. */
                last_status: number | null;
                last_detail: string | null;
                next_attempt_at: string | null;
            }[];
        };
    } | {
        status: 400;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "invalid_request";
            };
        };
    } | {
        status: 401;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "missing_token" | "invalid_token";
            };
        };
    } | {
        status: 403;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "account_token_required";
            };
        };
    } | {
        status: 404;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "webhook_not_found";
            };
        };
    } | {
        status: 429;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "rate_limited";
            };
        };
    } | {
        status: 500;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "internal";
            };
        };
    } | {
        status: 503;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "shutting_down" | "database_unavailable";
            };
        };
    }>(`/api/account/webhooks/${encodeURIComponent(webhook)}/deliveries`, {
        ...opts
    });
}
/**
 * Deliver an event again
 */
export function redeliver(webhook: string, event: string, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 202;
        data: {
            success: true;
            message: string;
        };
    } | {
        status: 400;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "invalid_request";
            };
        };
    } | {
        status: 401;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "missing_token" | "invalid_token";
            };
        };
    } | {
        status: 403;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "account_token_required";
            };
        };
    } | {
        status: 404;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "webhook_not_found" | "delivery_not_found";
            };
        };
    } | {
        status: 429;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "rate_limited";
            };
        };
    } | {
        status: 500;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "internal";
            };
        };
    } | {
        status: 503;
        data: {
            success: unknown;
            error: {
                message: string;
                /** The same in Portuguese or Spanish, where `Accept-Language` prefers one of them. */
                message_localized?: string;
                code: "shutting_down" | "database_unavailable";
            };
        };
    }>(`/api/account/webhooks/${encodeURIComponent(webhook)}/deliveries/${encodeURIComponent(event)}`, {
        ...opts,
        method: "POST"
    });
}
/**
 * Whether the process lives
 */
export function getHealth(opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            status: "ok";
        };
    }>("/healthz", {
        ...opts
    });
}
/**
 * Whether the process can do its work
 */
export function getReadiness(opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            status: "ready" | "unready" | "draining";
            checks: {
                database: "ok" | "unavailable" | "disk full" | "not configured";
                queue: "ok" | "unavailable" | "disk full" | "not configured";
                bridge: "ok" | "unavailable" | "disk full" | "not configured";
                /** Only where the clock of the process is more than 5 s off the database’s: by how much. */
                clock?: string;
            };
        };
    } | {
        status: 503;
        data: {
            status: "ready" | "unready" | "draining";
            checks: {
                database: "ok" | "unavailable" | "disk full" | "not configured";
                queue: "ok" | "unavailable" | "disk full" | "not configured";
                bridge: "ok" | "unavailable" | "disk full" | "not configured";
                /** Only where the clock of the process is more than 5 s off the database’s: by how much. */
                clock?: string;
            };
        };
    }>("/readyz", {
        ...opts
    });
}
/**
 * Which version runs
 */
export function getVersion(opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            version: string;
        };
    }>("/version", {
        ...opts
    });
}
