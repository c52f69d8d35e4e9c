/**
 * A condition on an id that is one of an array, the parameter: the SELECT around it hides how long it is. PostgreSQL expects ten in an array that
 * it cannot see, and would plan a prepared statement anew each time for one that is shorter.
 */
export const idIn = (column: string, parameter: string): string => `${column} = ANY ((SELECT ${parameter}::text[])::text[])`;
