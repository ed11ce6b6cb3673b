// SPDX-License-Identifier: GPL-3.0-or-later
/** What people say, version 1: docs/messages.md. nkt itself carries any value; these are the ones that the page shows. */

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
  /** Said to one person alone. */
  private?: true;
  re?: TalkAnswer;
};
