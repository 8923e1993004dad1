import { HoldMode } from '@berth/proto/berth/lease/v1/lease';
import * as inventory from '@berth/proto/berth/lease/v1/inventory_service';
import * as lease from '@berth/proto/berth/lease/v1/lease_service';
import { mutation } from './mutation.js';

/** The calls that change a lab and whose answers are kept by their request id; see `mutate`. */
export const REVOKE = mutation('Revoke', lease.RevokeRequest, lease.RevokeResponse);
export const TRANSFER = mutation('Transfer', lease.TransferRequest, lease.TransferResponse, (request) =>
  request.hold === HoldMode.MANUAL ? { ...request, hold: HoldMode.UNSPECIFIED } : request,
);
export const EXTEND = mutation('Extend', lease.ExtendRequest, lease.ExtendResponse);
export const CANCEL_REQUEST = mutation('CancelRequest', lease.CancelRequestRequest, lease.CancelRequestResponse);
export const SET_PRIORITY = mutation('SetPriority', lease.SetPriorityRequest, lease.SetPriorityResponse);
export const PUT_RESERVATION = mutation('PutReservation', lease.PutReservationRequest, lease.PutReservationResponse);
export const DELETE_RESERVATION = mutation(
  'DeleteReservation',
  lease.DeleteReservationRequest,
  lease.DeleteReservationResponse,
);
export const CREATE_BENCH = mutation(
  'CreateBench',
  inventory.CreateBenchRequest,
  inventory.CreateBenchResponse,
  (request) =>
    request.bench?.origin === 'inventory' ? { ...request, bench: { ...request.bench, origin: '' } } : request,
);
export const UPDATE_BENCH = mutation('UpdateBench', inventory.UpdateBenchRequest, inventory.UpdateBenchResponse);
export const DELETE_BENCH = mutation('DeleteBench', inventory.DeleteBenchRequest, inventory.DeleteBenchResponse);
export const APPLY_INVENTORY = mutation(
  'ApplyInventory',
  inventory.ApplyInventoryRequest,
  inventory.ApplyInventoryResponse,
);
export const SET_CONDITION = mutation('SetCondition', inventory.SetConditionRequest, inventory.SetConditionResponse);
export const FINISH_CLEANING = mutation(
  'FinishCleaning',
  inventory.FinishCleaningRequest,
  inventory.FinishCleaningResponse,
);
export const PUT_OFFER = mutation('PutOffer', inventory.PutOfferRequest, inventory.PutOfferResponse);
export const DELETE_OFFER = mutation('DeleteOffer', inventory.DeleteOfferRequest, inventory.DeleteOfferResponse);
