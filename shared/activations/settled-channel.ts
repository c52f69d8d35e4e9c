/** The channel on which whoever ends an activation tells so, in the statement or transaction that ends it. The payload is its id. */
export const ACTIVATION_SETTLED_CHANNEL = 'ponte_activation_settled';
