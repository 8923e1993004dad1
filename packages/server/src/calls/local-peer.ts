/** What a call within the process has for the address of its caller. */
export const LOCAL_PEER = 'local';
