import sys,time,traceback,collections
sys.path.insert(0,'/work/main/tests')
from hypothesis import given, settings, HealthCheck, seed
from laws.random_networks import problems, Kinds
from laws.problem import solved
from firmdate.data.check import check_planning_data
t=collections.Counter(); n=0
errs=collections.Counter()
ex={}
@seed(int(sys.argv[2]) if len(sys.argv)>2 else 1)
@settings(max_examples=int(sys.argv[1]),deadline=None,database=None,suppress_health_check=list(HealthCheck))
@given(problems())
def go(p):
    global n
    n+=1
    a=time.perf_counter()
    d=p.data(); s=p.scenario(); b=time.perf_counter(); t['data']+=b-a
    bad=[x for x in check_planning_data(d,s.supply_plans) if not x.warning]
    c=time.perf_counter(); t['check']+=c-b
    assert not bad, bad
    try:
        z=solved(p)
        e=time.perf_counter(); t['solve']+=e-c
        z.tables(); t['tables']+=time.perf_counter()-e
        t['cols']+=z.program.matrix.shape[1]
        t['late']+=any(abs(v)>1e-6 for (k,_),v in z.level_values().items() if k=='tier_level')
        t['int']+=bool(z.program.integer.any())
    except Exception as x:
        k=type(x).__name__+str(x)[:80]+" @ "+traceback.format_exc().strip().splitlines()[-3].strip()[-90:]
        errs[k]+=1
        if k not in ex or len(repr(p))<len(ex[k]): ex[k]=repr(p)
st=time.perf_counter()
import warnings; warnings.simplefilter('error')
go()
print(n,time.perf_counter()-st,dict(t))
for k,v in errs.most_common(): print(v,k); print('   ',ex[k])
