package main

import (
	"context"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/client/v3/concurrency"
)

type etcdClient struct{ session *concurrency.Session }

func openEtcd(address string) (locker, error) {
	client, err := clientv3.New(clientv3.Config{Endpoints: []string{address}})
	if err != nil {
		return nil, err
	}
	session, err := concurrency.NewSession(client, concurrency.WithTTL(ttlSeconds))
	if err != nil {
		return nil, err
	}
	return etcdClient{session}, nil
}

func (c etcdClient) lock(ctx context.Context, name string) (func() error, error) {
	mutex := concurrency.NewMutex(c.session, name)
	if err := mutex.Lock(ctx); err != nil {
		return nil, err
	}
	return func() error { return mutex.Unlock(ctx) }, nil
}
