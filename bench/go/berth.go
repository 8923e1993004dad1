package main

import (
	"context"
	"crypto/rand"
	"errors"
	"io"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/durationpb"

	leasev1 "berth/bench/gen/berth/lease/v1"
)

// TTL in seconds of what is locked, at both servers: longer than any run, so that nothing has to be renewed.
const ttlSeconds = 600

type berthClient struct{ leases leasev1.LeaseServiceClient }

func openBerth(address string) (locker, error) {
	connection, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return nil, err
	}
	return berthClient{leasev1.NewLeaseServiceClient(connection)}, nil
}

func (c berthClient) lock(ctx context.Context, name string) (func() error, error) {
	stream, err := c.leases.Acquire(ctx, &leasev1.AcquireRequest{
		RequestId:    rand.Text(),
		Requirements: []*leasev1.Requirement{{Bench: name}},
		Description:  "a benchmark",
		Hold:         leasev1.HoldMode_HOLD_MODE_TTL,
		Ttl:          &durationpb.Duration{Seconds: ttlSeconds},
	})
	if err != nil {
		return nil, err
	}
	for {
		answer, err := stream.Recv()
		if err != nil {
			return nil, err
		}
		granted := answer.GetGranted()
		if granted == nil {
			continue
		}
		return func() error {
			// The stream of a TTL lease ends after Granted.
			if _, err := stream.Recv(); !errors.Is(err, io.EOF) {
				return errors.Join(errors.New("the stream did not end after Granted"), err)
			}
			_, err := c.leases.Release(ctx, &leasev1.ReleaseRequest{LeaseId: granted.GetLease().GetId()})
			return err
		}, nil
	}
}
