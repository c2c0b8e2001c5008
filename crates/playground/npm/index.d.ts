/** The values of the setting `require`. */
export type Require = 'digestOrAlways' | 'digest' | 'always' | 'digestAndAlways' | 'none'

/** Patterns that are allowed, or patterns that are rejected; never both. */
export type AllowOrReject =
  | { allow?: string[] | null; reject?: null | [] }
  | { reject?: string[] | null; allow?: null | [] }

/** What is not judged. Every list of an entry must match, and each entry needs at least one list. */
export interface Exempt {
  /** Patterns of images. */
  images?: string[] | null
  /** Patterns of namespaces of the request. */
  namespaces?: string[] | null
  /** Patterns of user names of the request. */
  users?: string[] | null
  /** Patterns of the groups of the user of the request. */
  groups?: string[] | null
  /** Patterns of the names of containers, of all kinds. */
  containers?: string[] | null
  /** The only rules that are lifted. Absent: all. */
  rules?: ('registries' | 'images' | 'tags' | 'freshness')[] | null
  /** The last day on which it holds, in UTC, such as `2027-01-31`. Absent: it does not end. */
  until?: string | null
  /** Why, for the people who read the settings later. */
  reason: string
}

/** How to change what `require` would reject. */
export type Mutate =
  | { to: 'pullAlways' }
  | {
      to: 'pinDigest'
      /** The only hosts whose images are pinned. */
      registries: string[]
      /** What happens if no digest is known. Default: `reject`. */
      ifUnresolved?: 'reject' | 'pullAlways' | null
      /** `repository:tag@digest` instead of `repository@digest`. Default: `false`. */
      keepTag?: boolean | null
    }

/** The settings of the policy. `{}` requires a digest or the pull policy `Always`, and nothing else. */
export interface Settings {
  /** What an image must have. Default: `digestOrAlways`. */
  require?: Require | null
  /** Where images may come from. */
  registries?: AllowOrReject | null
  /** Tags that no image may have. An image with neither tag nor digest has the tag `latest`. */
  tags?: {
    reject?: string[] | null
    /** Whether `latest` also means `LATEST`. Default: `false`. */
    ignoreCase?: boolean | null
  } | null
  /** Which images may be used. */
  images?: AllowOrReject | null
  /** What certain images must have instead of `require`. The first match counts. */
  overrides?: { images: string[]; require: Require }[] | null
  /** What the policy does not judge. */
  exempt?: Exempt[] | null
  /** What happens to an object that has findings. Default: `reject`. */
  enforcement?: 'reject' | 'warn' | null
  /** Which images are judged when an object is updated. Default: `changed`. */
  onUpdate?: 'changed' | 'all' | null
  /** How to change what `require` would reject. Absent: change nothing. */
  mutate?: Mutate | null
}

/** The stable name of what is wrong. */
export type Code =
  | 'mutable-image'
  | 'digest-required'
  | 'always-required'
  | 'registry-not-allowed'
  | 'registry-rejected'
  | 'image-not-allowed'
  | 'image-rejected'
  | 'tag-rejected'
  | 'digest-unresolved'
  | 'invalid-reference'
  | 'missing-image'
  | 'no-containers'
  | 'malformed-object'
  | 'malformed-request'
  | 'duplicate-key'
  | 'invalid-settings'

/** One thing that is wrong with a document. Lines and columns count from 1, columns in Unicode characters. */
export interface Finding {
  /** The stable name of what is wrong. Later versions may have more of them. */
  code: Code | (string & {}) | null
  /** Where in the object, such as `spec.containers[0]`. */
  path: string | null
  /** The image, if the finding is about one. */
  image: string | null
  /** The name of the container or volume, if the finding is about one that has a name. */
  name: string | null
  /** Where, what, why, and how to fix it: one line for people. */
  message: string
  line: number | null
  column: number | null
  /** Where its text ends: the first place after it. */
  endLine: number | null
  endColumn: number | null
}

/** A document that was judged. */
export interface Document {
  /** Always `manifests`. */
  file: string
  /** The line in which it starts, from 1. */
  line: number
  apiVersion: string | null
  kind: string | null
  namespace: string | null
  name: string | null
  /** The template that Helm made it of, if a comment says so: `shop/templates/web.yaml`. */
  template?: string
  /** Whether it may be created. */
  accepted: boolean
  /** Whether the text `fixed` has it fixed. It is then accepted, and `warnings` say what was changed. */
  fixed: boolean
  /** How many image uses it has. */
  images: number
  findings: Finding[]
  warnings: string[]
}

/** Something that could not be read. Lines and columns count from 1, columns in Unicode characters. */
export interface Problem {
  /** `manifests`, `settings`, or empty. */
  file: string
  line: number | null
  column: number | null
  message: string
}

/** Totals. */
export interface Summary {
  documents: number
  images: number
  accepted: number
  /** Of the accepted ones, those that the text `fixed` has fixed. */
  fixed: number
  /** Of the accepted ones, those with findings or warnings. */
  warned: number
  rejected: number
  unreadable: number
}

/** What `fresh-images check --output json` reports, and the fixed text. */
export interface Result {
  /** Everything could be read, the settings are valid, and nothing is rejected. */
  ok: boolean
  /** The version of this format. */
  version: 1
  /** What was judged, in the order of the text. */
  documents: Document[]
  /** What could not be read, in the order of the text. */
  errors: Problem[]
  summary: Summary
  /** What is wrong with the settings. If there is anything, nothing was judged. */
  settings: Problem[]
  /** The text as `mutate` fixes it, with its comments and layout. Null if there is nothing to fix, or if it cannot be fixed. */
  fixed: string | null
  /** Why it cannot be fixed, if it should be. */
  unfixable: Problem[]
}

/** Options of a check. */
export interface Options {
  /**
   * The digests that are known, by canonical image with its tag: `docker.io/library/nginx:1.25`. The check never uses
   * the network, so `mutate: {to: pinDigest}` finds no others.
   */
  digests?: Record<string, string>
}

/**
 * Judges manifests.
 *
 * @param manifests The text of a YAML or JSON file: manifests, Lists and AdmissionReviews, with several documents.
 * @param settings The settings: an object, or YAML or JSON, which may also be a whole ClusterAdmissionPolicy or
 *   AdmissionPolicy. Default: `{}`.
 */
export function check(manifests: string, settings?: string | Settings, options?: Options): Result

/** The answer to policy-server. */
export interface ValidationResponse {
  accepted: boolean
  /** Why it is rejected. */
  message?: string
  /** The HTTP status of a rejection. */
  code?: number
  /** The mutated object. */
  mutated_object?: unknown
  warnings?: string[]
}

/**
 * Judges one AdmissionRequest, in the form that Kubewarden's policy-server sends.
 *
 * @param payload `{"request": …, "settings": …}`, as JSON or as an object.
 */
export function evaluate(payload: string | { request: unknown; settings?: unknown }): ValidationResponse

/** The answer to policy-server. */
export interface SettingsValidationResponse {
  valid: boolean
  /** All errors, one line each. */
  message?: string
}

/**
 * Checks whether settings are valid, as for Kubewarden's policy-server.
 *
 * @param settings JSON, or an object.
 */
export function validateSettings(settings: string | Settings): SettingsValidationResponse
