// SPDX-License-Identifier: GPL-3.0-or-later
/** What people say, version 2: docs/messages.md. nkt itself carries any value; these are the ones that the page shows. */

/** What is answered. */
export interface TalkAnswer {
  /** `event.id`, or `delivery.id`, of the message that is answered: 32 hexadecimal digits. */
  id: string;
  /** Its beginning, in one line, at most 200 letters. Who reads it and has the message shows its own copy: this may be anything. */
  quote?: string;
}

/** What is said to people. What comes from others may have other keys as well, and anything in place of these: look before you use it. */
export type TalkMessage = string | {
  /** May have marks (docs/messages.md), never HTML. */
  text: string;
  /** Said to one person alone: for readers of before `event.to`, which is what others go by. */
  private?: true;
  re?: TalkAnswer;
  /** Addresses of those whom the text names as `@NICK`: at most 20. */
  mentions?: string[];
  /** The message of the same author with this `id` says `text` now; `n`: for the n-th time, from 1. */
  edit?: { id: string; n: number };
};

/** What becomes of a message: who is shown it shows nothing of this by itself. */
export type TalkChange = {
  /** All of one's reaction to the message `id`, for the n-th time, from 1: at most three emoji; none takes it back. */
  react: { id: string; n: number; signs: string[] };
  private?: true;
} | {
  /** One's own message `id` is not to be seen any more. */
  gone: { id: string };
  private?: true;
};
