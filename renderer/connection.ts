import { type EventName, type EventPayload, events } from '../contract/app/calls.ts';
import { connect } from '../contract/app/connection.ts';
