import { ipKeyGenerator } from 'express-rate-limit';

/** By what limits count strangers: addresses are grouped by the network that one customer of a provider gets. */
export const clientNetwork = (request: { readonly ip?: string | undefined }): string => ipKeyGenerator(request.ip ?? '');
