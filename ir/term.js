// Erlang terms as data: literals in code, the description of a module, attributes.
export const atom = (name) => ({ atom: name });
export const tuple = (...elements) => ({ tuple: elements });
export const list = (elements) => ({ list: elements });
/** UTF-8 binary. */
export const text = (value) => ({ binary: new TextEncoder().encode(value) });
