/** A setting's value, as the policy's settings have it. */
export type Require = 'digestOrAlways' | 'digest' | 'always' | 'digestAndAlways' | 'none'

/** Patterns that are allowed, or patterns that are rejected; never both. */
export type AllowOrReject =
  | { allow?: string[] | null; reject?: null | [] }
  | { reject?: string[] | null; allow?: null | [] }

/** What is not judged; every list of an entry has to match, and there has to be one. */
export interface Exempt {
  /** Patterns of images. */
  images?: string[] | null
  /** Patterns of namespaces of the request. */
  namespaces?: string[] | null
  /** Patterns of user names of the request. */
  users?: string[] | null
  /** Patterns of the names of containers, of all kinds. */
  containers?: string[] | null
  /** Why, for whoever reads the settings later. */
  reason: string
}

/** How to mend what `require` would reject. */
export type Mutate =
  | { to: 'pullAlways' }
  | {
      to: 'pinDigest'
      /** The only hosts whose images are pinned. */
      registries: string[]
      /** What happens where no digest is known. Default: `reject`. */
      ifUnresolved?: 'reject' | 'pullAlways' | null
      /** `repository:tag@digest` instead of `repository@digest`. Default: `false`. */
      keepTag?: boolean | null
    }

/** The settings of the policy. `{}` asks for a digest or the pull policy `Always` and nothing else. */
export interface Settings {
  /** What an image must have. Default: `digestOrAlways`. */
  require?: Require | null
  /** Where images may come from. */
  registries?: AllowOrReject | null
  /** Tags that no image may have. An image with neither tag nor digest has the tag `latest`. */
  tags?: { reject?: string[] | null } | null
  /** Which images may be used. */
  images?: AllowOrReject | null
  /** What certain images must have instead of `require`. The first match counts. */
  overrides?: { images: string[]; require: Require }[] | null
  /** What is not judged at all. */
  exempt?: Exempt[] | null
  /** What happens to an object that has findings. Default: `reject`. */
  enforcement?: 'reject' | 'warn' | null
  /** Which image uses are judged when an object is updated. Default: `changed`. */
  onUpdate?: 'changed' | 'all' | null
  /** How to mend what `require` would reject. Absent: judge only. */
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
  /** The stable name of what is wrong. Later versions may know more of them. */
  code: Code | (string & {}) | null
  /** Where in the object, such as `spec.containers[0]`. */
  path: string | null
  /** The image, if it is about one. */
  image: string | null
  /** Where, what, why, and how to mend it: one line for people. */
  message: string
  line: number | null
  column: number | null
  /** Where its text ends: the first place that is not part of it any more. */
  endLine: number | null
  endColumn: number | null
}

/** A document that was judged. */
export interface Document {
  /** Always `manifests`. */
  file: string
  /** The line that it starts in, from 1. */
  line: number
  apiVersion: string | null
  kind: string | null
  namespace: string | null
  name: string | null
  /** Whether it may be created. */
  accepted: boolean
  /** Whether it was mended in `fixed`; it is accepted then, and `warnings` say what was changed. */
  mended: boolean
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

/** How many there are of what. */
export interface Summary {
  documents: number
  images: number
  accepted: number
  /** Of the accepted ones, those that were mended in `fixed`. */
  mended: number
  /** Of the accepted ones, those with findings or warnings. */
  warned: number
  rejected: number
  unreadable: number
}

/** What `fresh-images check --output json` reports, and what would be mended. */
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
  /** What is wrong with the settings; if anything is, nothing was judged. */
  settings: Problem[]
  /** The text as `mutate` mends it, with its comments and layout; null if nothing is to be mended, or cannot be. */
  fixed: string | null
  /** Why it cannot be mended, where it should be. */
  unfixable: Problem[]
}

/** What else a check may know. */
export interface Options {
  /**
   * The digests that are known, by canonical image with its tag: `docker.io/library/nginx:1.25`. Nothing is asked over
   * a network, so `mutate: {to: pinDigest}` finds no others.
   */
  digests?: Record<string, string>
}

/**
 * Judges manifests.
 *
 * @param manifests YAML or JSON: manifests, Lists, AdmissionReviews; several documents as they stand in a file.
 * @param settings The settings: an object, or YAML or JSON, which may also be a whole ClusterAdmissionPolicy or
 *   AdmissionPolicy. Default: `{}`.
 */
export function check(manifests: string, settings?: string | Settings, options?: Options): Result

/** What policy-server is answered. */
export interface ValidationResponse {
  accepted: boolean
  /** Why it is rejected. */
  message?: string
  /** The HTTP status of a rejection. */
  code?: number
  /** The object as it is mended. */
  mutated_object?: unknown
  warnings?: string[]
}

/**
 * Judges one AdmissionRequest, as Kubewarden's policy-server has it judged.
 *
 * @param payload `{"request": …, "settings": …}`, as JSON or as an object.
 */
export function evaluate(payload: string | { request: unknown; settings?: unknown }): ValidationResponse

/** What policy-server is answered. */
export interface SettingsValidationResponse {
  valid: boolean
  /** All that is wrong, one line each. */
  message?: string
}

/**
 * Says whether settings are valid, as Kubewarden's policy-server asks it.
 *
 * @param settings JSON, or an object.
 */
export function validateSettings(settings: string | Settings): SettingsValidationResponse
