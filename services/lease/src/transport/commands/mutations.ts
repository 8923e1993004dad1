import { HoldMode } from '@berth/proto/berth/lease/v1/lease';
import * as inventory from '@berth/proto/berth/lease/v1/inventory_service';
import * as lease from '@berth/proto/berth/lease/v1/lease_service';
import type { Mutation } from './mutation.js';

/** The calls that change a lab and whose answers are kept by their request id; see `mutate`. */
export const REVOKE: Mutation<lease.RevokeRequest, lease.RevokeResponse> = {
  method: 'Revoke',
  request: lease.RevokeRequest,
  answer: lease.RevokeResponse,
};

export const TRANSFER: Mutation<lease.TransferRequest, lease.TransferResponse> = {
  method: 'Transfer',
  request: lease.TransferRequest,
  answer: lease.TransferResponse,
  normal: (request) => (request.hold === HoldMode.MANUAL ? { ...request, hold: HoldMode.UNSPECIFIED } : request),
};

export const EXTEND: Mutation<lease.ExtendRequest, lease.ExtendResponse> = {
  method: 'Extend',
  request: lease.ExtendRequest,
  answer: lease.ExtendResponse,
};

export const CANCEL_REQUEST: Mutation<lease.CancelRequestRequest, lease.CancelRequestResponse> = {
  method: 'CancelRequest',
  request: lease.CancelRequestRequest,
  answer: lease.CancelRequestResponse,
};

export const SET_PRIORITY: Mutation<lease.SetPriorityRequest, lease.SetPriorityResponse> = {
  method: 'SetPriority',
  request: lease.SetPriorityRequest,
  answer: lease.SetPriorityResponse,
};

export const CREATE_BENCH: Mutation<inventory.CreateBenchRequest, inventory.CreateBenchResponse> = {
  method: 'CreateBench',
  request: inventory.CreateBenchRequest,
  answer: inventory.CreateBenchResponse,
  normal: (request) =>
    request.bench?.origin === 'inventory' ? { ...request, bench: { ...request.bench, origin: '' } } : request,
};

export const UPDATE_BENCH: Mutation<inventory.UpdateBenchRequest, inventory.UpdateBenchResponse> = {
  method: 'UpdateBench',
  request: inventory.UpdateBenchRequest,
  answer: inventory.UpdateBenchResponse,
};

export const DELETE_BENCH: Mutation<inventory.DeleteBenchRequest, inventory.DeleteBenchResponse> = {
  method: 'DeleteBench',
  request: inventory.DeleteBenchRequest,
  answer: inventory.DeleteBenchResponse,
};

export const APPLY_INVENTORY: Mutation<inventory.ApplyInventoryRequest, inventory.ApplyInventoryResponse> = {
  method: 'ApplyInventory',
  request: inventory.ApplyInventoryRequest,
  answer: inventory.ApplyInventoryResponse,
};

export const SET_CONDITION: Mutation<inventory.SetConditionRequest, inventory.SetConditionResponse> = {
  method: 'SetCondition',
  request: inventory.SetConditionRequest,
  answer: inventory.SetConditionResponse,
};

export const PUT_OFFER: Mutation<inventory.PutOfferRequest, inventory.PutOfferResponse> = {
  method: 'PutOffer',
  request: inventory.PutOfferRequest,
  answer: inventory.PutOfferResponse,
};

export const DELETE_OFFER: Mutation<inventory.DeleteOfferRequest, inventory.DeleteOfferResponse> = {
  method: 'DeleteOffer',
  request: inventory.DeleteOfferRequest,
  answer: inventory.DeleteOfferResponse,
};
