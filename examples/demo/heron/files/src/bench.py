import threading
import time
import urllib.request


class Worker(threading.Thread):
    def __init__(self, url, plan):
        super().__init__()
        self.url = url
        self.plan = plan
        self.times = []
        self.errors = 0

    def run(self):
        for kind, amount in self.plan:
            if kind == 'sleep':
                time.sleep(amount)
            else:
                for _ in range(amount):
                    self.get()

    def get(self):
        start = time.monotonic()
        try:
            with urllib.request.urlopen(self.url, timeout=15) as reply:
                reply.read()
        except OSError:
            self.errors += 1
        else:
            self.times.append(time.monotonic() - start)


# one thread for each plan
PLANS = {
    'plain': [('get', 1000)],
    'pause': [('get', 500), ('sleep', 60), ('get', 1000)],
}


def bench(dns):
    result = {'from': time.time()}
    for cluster in ('cluster1', 'cluster2'):
        workers = {name: Worker('http://%s/%s' % (dns, cluster), plan) for name, plan in PLANS.items()}
        for worker in workers.values():
            worker.start()
        for name, worker in workers.items():
            worker.join()
            result['%s %s' % (cluster, name)] = {'times': worker.times, 'errors': worker.errors}
    result['to'] = time.time()
    return result
