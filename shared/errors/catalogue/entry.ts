/** What the catalogue says of one code. */
export interface CatalogueEntry {
  readonly httpStatus: number;
  readonly message: string;
  /** Whether the same request can succeed later without anybody changing it. */
  readonly retryable: boolean;
  readonly when: string;
  /** Whether an activation can end in it; the others are answered before there is one, or while it goes on. */
  readonly endsActivation?: true;
}
