import { PonteError } from '../errors/ponte-error.ts';

/** Why a port could not be opened, as whoever set it can understand it; what else went wrong comes back as it is. */
export function listenFault(error: NodeJS.ErrnoException, { port, variable }: { port: number; variable: string }): Error {
  switch (error.code) {
    case 'EADDRINUSE':
      return new PonteError('port_in_use', { port, variable });
    case 'EACCES':
      return new PonteError('config_invalid', {
        faults: `${variable} is ${port}, which this user may not open: ports below 1024 are for root, take another one and put a proxy in front`,
      });
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new PonteError('config_invalid', { faults: `${variable.replace('PORT', 'HOST')} is no address of this machine` });
    default:
      return error;
  }
}
